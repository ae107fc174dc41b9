import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { startBrowser, startService } from './service.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const artifacts = join(root, 'test-artifacts');
const email = 'ada@example.com';
const password = 'correct horse battery staple';

/** Opens the documentation. It collects requests to other hosts, and errors of the page. */
async function openDocs(browser, address, colorScheme, viewport) {
  const page = await browser.newPage();
  const faults = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${address}/`) && !request.url().startsWith('data:')) {
      faults.push(`request to ${request.url()}`);
    }
  });
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`)));
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(viewport);
  await page.goto(`${address}/`); // a browser is redirected to the page
  assert.equal(page.url(), `${address}/docs`);
  await page.getByRole('heading', { name: 'Postern' }).waitFor();
  await page.locator('#operations-Posts-CreatePost').waitFor();
  return { page, faults };
}

const shoot = (page, name) => page.screenshot({ path: join(artifacts, `${name}.png`) });

async function authorize(page) {
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const dialog = page.locator('.dialog-ux');
  await dialog.getByLabel('username').fill(email);
  await dialog.getByLabel('password').fill(password);
  return dialog;
}

/** Sends the form of an operation, and returns the status that the page shows. */
async function execute(page, operation) {
  const block = page.locator(`#operations-${operation}`);
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Execute' }).click();
  const status = block.locator('.live-responses-table .response-col_status').last();
  await status.waitFor();
  return { block, status: (await status.innerText()).trim().split(/\s/)[0] };
}

const background = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
const luminance = (color) => color.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);

test('the documentation page', { timeout: 120_000 }, async (t) => {
  await mkdir(artifacts, { recursive: true });
  const address = await startService(t);
  const browser = await startBrowser(t);
  const signUp = await fetch(`${address}/users`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }),
  });
  assert.equal(signUp.status, 201);

  await t.test('authorize with e-mail and password, and create a post', async () => {
    const { page, faults } = await openDocs(browser, address, 'light', { width: 1280, height: 900 });
    await shoot(page, 'docs-light');
    const dialog = await authorize(page);
    await shoot(page, 'docs-authorize');
    await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
    await dialog.getByRole('button', { name: 'Remove authorization' }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).first().click();

    const created = await execute(page, 'Posts-CreatePost');
    assert.equal(created.status, '201');
    await created.block.getByRole('heading', { name: 'Server response' }).evaluate((heading) => heading.scrollIntoView({ block: 'center' }));
    await shoot(page, 'docs-created');
    const posts = await (await fetch(`${address}/posts`)).json();
    assert.equal(posts.length, 1);

    assert.equal((await execute(page, 'Posts-ListPosts')).status, '200', 'what is filled in can be sent as it is');
    assert.deepEqual(faults, []);
    await page.close();
  });

  await t.test('the first step takes one click', async () => {
    const { page, faults } = await openDocs(browser, address, 'light', { width: 1280, height: 900 });
    await page.locator('.how-to-begin').getByRole('link', { name: 'POST /users' }).click();
    await page.locator('#operations-Users-CreateUser').getByRole('button', { name: 'Execute' }).waitFor();
    await shoot(page, 'docs-sign-up');
    assert.deepEqual(faults, []);
    await page.close();
  });

  await t.test('a wrong password shows an error', async () => {
    const { page, faults } = await openDocs(browser, address, 'light', { width: 1280, height: 900 });
    const dialog = await authorize(page);
    await dialog.getByLabel('password').fill('not the password');
    await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
    await dialog.locator('.errors').waitFor();
    await shoot(page, 'docs-refused');
    assert.deepEqual(faults.filter((fault) => !fault.includes('status of 400')), []);
    await page.close();
  });

  for (const [name, scheme, viewport] of [
    ['docs-dark', 'dark', { width: 1280, height: 900 }],
    ['docs-phone', 'light', { width: 390, height: 844 }],
    ['docs-phone-dark', 'dark', { width: 360, height: 740 }],
  ]) {
    await t.test(name, async () => {
      const { page, faults } = await openDocs(browser, address, scheme, viewport);
      assert.equal(luminance(await background(page)) < 384, scheme === 'dark', 'the background follows prefers-color-scheme');
      await shoot(page, name);
      await page.locator('#operations-Posts-CreatePost .opblock-summary-control').click();
      await page.locator('#operations-Posts-CreatePost').scrollIntoViewIfNeeded();
      await shoot(page, `${name}-operation`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is cut off at the side');
      await authorize(page);
      await shoot(page, `${name}-authorize`);
      assert.deepEqual(faults, []);
      await page.close();
    });
  }
});
