// Starts a browser with a new profile.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { freshFolder } from '../service.mjs';

export { startService } from '../service.mjs';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

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
