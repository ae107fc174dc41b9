// Starts the built service on a free port with a new data folder, and a browser with a new profile.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const binary = new URL('../../bin/postern', import.meta.url).pathname;
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

async function freshFolder(t, name) {
  const folder = await mkdtemp(join(tmpdir(), name));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** Returns the address of a service that ends with the test. */
export async function startService(t) {
  const folder = await freshFolder(t, 'postern-docs-');
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

/** Returns a browser context that ends with the test. */
export async function startBrowser(t) {
  const executable = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  assert.ok(executable, 'Chromium is needed: apt-get install chromium, or set CHROMIUM');
  const profile = await freshFolder(t, 'postern-chromium-');
  const browser = await chromium.launchPersistentContext(profile, { executablePath: executable, args: flags, headless: true });
  t.after(() => browser.close());
  browser.setDefaultTimeout(20_000);
  return browser;
}
