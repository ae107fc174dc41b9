// Starts the built service on a free port with a new data folder.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const binary = new URL('../bin/postern', import.meta.url).pathname;

/** Returns the path of a new folder that is removed after the test. */
export async function freshFolder(t, name) {
  const folder = await mkdtemp(join(tmpdir(), name));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** Returns the address of a service that ends with the test. Its data is in the folder given. */
export async function startService(t, folder) {
  folder ??= await freshFolder(t, 'postern-test-');
  const environment = { PATH: process.env.PATH, POSTERN_ADDR: '127.0.0.1:0', POSTERN_DATA_DIR: join(folder, 'data') };
  const service = spawn(binary, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(async () => {
    if (service.exitCode === null) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
  });
  for await (const line of createInterface(service.stdout)) {
    const docs = line.match(/^ +Docs +(http:\S+)\/docs$/);
    if (docs) {
      return docs[1];
    }
  }
  throw new Error(`${binary} ended before it was ready`);
}
