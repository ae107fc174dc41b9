import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";

/** A proxy in front of a server that compresses answers and rewrites their `ETag`, as `rewrite` says. */
export async function compressing(t: TestContext, target: string, rewrite: (tag: string) => string) {
  const methods: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    methods.push(incoming.method ?? "");
    const options = { method: incoming.method, headers: { ...incoming.headers, "accept-encoding": "identity" } };
    incoming.pipe(request(target + (incoming.url ?? ""), options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const headers = { ...answer.headers };
        const plain = Buffer.concat(chunks);
        const body = plain.length > 0 ? gzipSync(plain) : plain;
        if (plain.length > 0) {
          Object.assign(headers, { "content-encoding": "gzip", "content-length": String(body.length) });
          if (headers.etag !== undefined) headers.etag = rewrite(headers.etag);
        }
        outgoing.writeHead(answer.statusCode ?? 502, headers);
        outgoing.end(body);
      });
    }));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.after(() => { proxy.closeAllConnections(); proxy.close(); });
  return { baseUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, methods };
}
