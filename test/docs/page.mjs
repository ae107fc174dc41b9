// What the tests do on the documentation page.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const artifacts = new URL('../../test-artifacts', import.meta.url).pathname;
export const email = 'ada@example.com';
export const password = 'correct horse battery staple';

/** Creates Ada's account. */
export async function signUp(address) {
  const answer = await fetch(`${address}/users`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }),
  });
  assert.equal(answer.status, 201);
}

/** Collects requests to other hosts, and errors of the page. */
export async function watch(page, address) {
  const faults = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${address}/`) && !request.url().startsWith('data:')) {
      faults.push(`request to ${request.url()}`);
    }
  });
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`)));
  return faults;
}

/** Opens the documentation, and returns the page and what it does wrong. */
export async function openDocs(browser, address, colorScheme, viewport) {
  const page = await browser.newPage();
  const faults = await watch(page, address);
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(viewport);
  await page.goto(`${address}/`); // a browser is redirected to the page
  assert.equal(page.url(), `${address}/docs`);
  await page.getByRole('heading', { name: 'Postern' }).waitFor();
  await page.locator('#operations-Posts-CreatePost').waitFor();
  return { page, faults };
}

/** Takes a screenshot. CI keeps it. */
export async function shoot(page, name) {
  await mkdir(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`) });
}

/** Opens the dialog and fills it in. */
export async function authorize(page) {
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const dialog = page.locator('.dialog-ux');
  await dialog.getByLabel('username').fill(email);
  await dialog.getByLabel('password').fill(password);
  return dialog;
}

/** Sends the form of an operation, and returns the status that the page shows. */
export async function execute(page, operation) {
  const block = page.locator(`#operations-${operation}`);
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Execute' }).click();
  const status = block.locator('.live-responses-table .response-col_status').last();
  await status.waitFor();
  return { block, status: (await status.innerText()).trim().split(/\s/)[0] };
}

/** Authorizes with e-mail address and password. */
export async function logIn(page) {
  const dialog = await authorize(page);
  await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
  await dialog.getByRole('button', { name: 'Remove authorization' }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
}
