// Runs the quick start and the curl samples of the served description.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { linkTo } from '../mailbox.mjs';
import { freshFolder } from '../service.mjs';
import { email, password } from './page.mjs';
import { startService } from './service.mjs';

const describedAt = async (address) => (await fetch(`${address}/openapi.json`)).json();

/** Runs a script with curl, which fails on an error status, and returns what it prints. */
async function run(script, address, variables = {}, folder = undefined) {
  const failing = 'set -e\ncurl() { command curl --silent --show-error --fail "$@"; }\n';
  const here = script.replaceAll('http://127.0.0.1:8080', address);
  const env = { PATH: process.env.PATH, ...variables };
  return (await promisify(execFile)('sh', ['-c', failing + here], { env, cwd: folder })).stdout;
}

test('the quick start has five lines and reads the post that it wrote', async (t) => {
  const address = await startService(t);
  const [, script] = (await describedAt(address)).info.description.match(/```sh\n([\s\S]*?)```/);
  assert.equal(script.trim().split('\n').length, 5);
  const printed = await run(script, address);
  assert.equal(JSON.parse(printed.slice(printed.lastIndexOf('['))).at(0).content, 'My first post.');
});

test('the curl sample of each operation runs', async (t) => {
  const folder = await freshFolder(t, 'postern-samples-');
  const used = new Set();
  const mailToken = async (page) => (await linkTo(page, join(folder, 'data'), email, used)).split('#token=')[1];
  const address = await startService(t, folder);
  const samples = new Map(Object.values((await describedAt(address)).paths).flatMap(Object.values)
    .filter((operation) => operation.operationId !== undefined)
    .map((operation) => [operation.operationId, operation['x-codeSamples'].find((sample) => sample.label === 'curl').source]));

  const logIn = async (now) => (await (await fetch(`${address}/login`, {
    method: 'POST', body: new URLSearchParams({ username: email, password: now }),
  })).json());
  const readAs = async (token, path) => (await fetch(`${address}${path}`, { headers: { Authorization: `Bearer ${token}` } })).json();

  const last = ['DeletePost', 'ChangePassword', 'Logout', 'DeleteCurrentUser'];
  const first = ['CreateUser', 'CompleteEmailVerification', 'RequestPasswordReset', 'CompletePasswordReset', 'CreatePost'];
  const order = [...first, ...[...samples.keys()].filter((id) => ![...first, ...last].includes(id)), ...last];
  assert.deepEqual([...order].sort(), [...samples.keys()].sort());
  const mailPages = { CompleteEmailVerification: 'confirm', CompletePasswordReset: 'reset' };
  let current = password;
  for (const id of order) {
    const tokens = id === 'CreateUser' ? {} : await logIn(current);
    const variables = id === 'CreateUser' ? {} : {
      TOKEN: tokens.access_token,
      REFRESH_TOKEN: tokens.refresh_token,
      ETAG: (await readAs(tokens.access_token, '/posts/1')).etag ?? '',
      MAIL_TOKEN: mailPages[id] === undefined ? '' : await mailToken(mailPages[id]),
      SESSION: (await readAs(tokens.access_token, '/sessions')).at(-1).id,
    };
    await assert.doesNotReject(run(samples.get(id), address, variables, folder), id);
    current = id === 'ChangePassword' ? 'seventeen purple gallons of paint' : current;
  }
});
