// Runs the commands of docs/test-against-postern.md in the order of the page, as a reader does.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Returns the page's commands. Ports are free ones. What make test-workflow did just before is left out. */
async function commands() {
  const page = await readFile(`${root}/docs/test-against-postern.md`, 'utf8');
  let script = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map((block) => block[1]).join('');
  for (const done of ['npm ci --prefix test/contract --ignore-scripts\n', 'make build\n']) {
    assert.ok(script.includes(done));
    script = script.replace(done, '');
  }
  for (const port of ['8080', '4010', '4011']) {
    assert.ok(script.includes(`:${port}`) || script.includes(`--port ${port}`));
    script = script.replaceAll(port, await freePort());
  }
  return script;
}

test('the commands of docs/test-against-postern.md work', async () => {
  const script = `set -euxo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${await commands()}`;
  const shell = spawn('bash', ['-c', script], { cwd: root });
  let output = '';
  shell.stdout.on('data', (text) => { output += text; });
  shell.stderr.on('data', (text) => { output += text; });
  const [status] = await once(shell, 'close');
  assert.equal(status, 0, output);
  assert.match(output, /sl-violations: .*limit must be <= 100/);
  assert.match(output, /"code":"post_not_found"/, 'the mock answers with the error that was asked for');
  assert.match(output, /"code":"validation"/, 'the mock refuses what is not valid');
  assert.equal(output.match(/Steps: 16 passed, 16 total/g)?.length, 2);
});
