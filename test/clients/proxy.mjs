// Stands between the clients and the service, and plays a service of the future: problems with status 404 have a code that no
// client knows.
import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';

/** Returns the address of a proxy of target that ends with the test. */
export async function startProxy(t, target) {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const forwarded = request(new URL(url, target), { method, headers }, async (answer) => {
      let body = await buffer(answer);
      if (answer.statusCode === 404) {
        body = Buffer.from(JSON.stringify({ ...JSON.parse(body), code: 'some_future_code' }));
        answer.headers['content-length'] = body.length;
      }
      outgoing.writeHead(answer.statusCode, answer.headers).end(body);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}
