// Runs the workflow of arazzo.yaml against the built service.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { startService } from '../service.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

async function respect(address) {
  const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const run = spawn(path('node_modules/.bin/redocly'), ['respect', path('../../arazzo.yaml'), '--server', `postern=${address}`], { env: environment });
  let output = '';
  run.stdout.on('data', (text) => { output += text; });
  run.stderr.on('data', (text) => { output += text; });
  const [status] = await once(run, 'close');
  return { status, output };
}

test('the workflow succeeds, and leaves nothing that keeps it from being run again', async (t) => {
  const address = await startService(t);
  for (const time of ['first', 'second']) {
    const { status, output } = await respect(address);
    assert.equal(status, 0, `the ${time} run failed:\n${output}`);
  }
});
