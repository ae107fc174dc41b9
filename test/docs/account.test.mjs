// The pages that the links in mails open.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { linkTo } from '../mailbox.mjs';
import { email, password, shoot, signUp, watch } from './page.mjs';
import { freshFolder } from '../service.mjs';
import { startBrowser, startService } from './service.mjs';

const desktop = { width: 1280, height: 900 };
const phone = { width: 360, height: 740 };
const garbage = `account/reset#token=${'A'.repeat(91)}`;
const next = 'seventeen purple gallons of paint';

/** Opens a link. Returns the page, what it does wrong, and the requests that it sends. */
async function openLink(browser, link, { scheme = 'light', viewport = desktop } = {}) {
  const page = await browser.newPage();
  const faults = await watch(page, new URL(link).origin);
  const sent = [];
  page.on('request', (r) => sent.push({ method: r.method(), url: r.url(), referer: r.headers().referer }));
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize(viewport);
  await page.goto(link);
  return { page, faults, sent };
}

const status = (page) => page.getByRole('status');
const says = (page, text) => status(page).filter({ hasText: text }).waitFor();

async function setPassword(page, text, again = text) {
  await page.getByLabel('New password', { exact: true }).fill(text);
  await page.getByLabel('New password again').fill(again);
  await page.getByRole('button', { name: 'Set the password' }).click();
}

const logIn = async (address, text) => (await fetch(`${address}/login`, {
  method: 'POST', body: new URLSearchParams({ username: email, password: text }),
})).status;

const askForReset = async (address) => assert.equal((await fetch(`${address}/password-resets`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email }),
})).status, 202);

test('the pages of links in mails', { timeout: 120_000 }, async (t) => {
  const folder = await freshFolder(t, 'postern-mail-');
  const data = join(folder, 'data');
  const used = new Set();
  const address = await startService(t, folder);
  const browser = await startBrowser(t);
  await signUp(address);

  await t.test('a link confirms the address, after a scanner has opened it', async () => {
    const link = address + await linkTo('confirm', data, email, used);
    for (const method of ['GET', 'HEAD', 'GET']) {
      assert.equal((await fetch(link, { method })).status, 200);
    }
    const { page, faults, sent } = await openLink(browser, link);
    await page.getByRole('button', { name: 'Confirm' }).waitFor();
    assert.equal(page.url(), link.split('#')[0], 'the token is not in the address bar');
    assert.deepEqual(sent.filter(({ method }) => method !== 'GET'), [], 'opening the page sends nothing');
    assert.deepEqual(sent.filter(({ url, referer }) => (url + referer).includes('token')), []);
    await shoot(page, 'account-confirm');
    await page.keyboard.press('Enter'); // the button has the focus
    await says(page, 'Your e-mail address is confirmed.');
    assert.equal(await page.getByRole('button').count(), 0);
    assert.deepEqual(faults, []);
    await page.close();

    const { page: again } = await openLink(browser, link);
    await again.getByRole('button', { name: 'Confirm' }).click();
    await says(again, 'This link no longer works');
    await again.close();
  });

  await t.test('a link sets a new password once', async () => {
    await askForReset(address);
    const link = address + await linkTo('reset', data, email, used);
    for (const method of ['GET', 'HEAD']) {
      assert.equal((await fetch(link, { method })).status, 200);
    }
    const { page, faults } = await openLink(browser, link);
    await shoot(page, 'account-reset');
    await setPassword(page, next, `${next}!`);
    await page.getByText('The two passwords differ.').waitFor();
    await setPassword(page, 'password');
    await page.getByText('The password is one of the passwords that are guessed first.').waitFor();
    assert.equal(await page.getByLabel('New password', { exact: true }).getAttribute('aria-invalid'), 'true');
    assert.ok(await page.getByLabel('New password', { exact: true }).evaluate((field) => field === document.activeElement));
    await shoot(page, 'account-reset-refused');
    await page.getByLabel('Show the password').check();
    assert.equal(await page.getByLabel('New password', { exact: true }).getAttribute('type'), 'text');
    await setPassword(page, next);
    await says(page, 'Your password is changed');
    assert.ok(await status(page).evaluate((line) => line === document.activeElement), 'the focus is on the result');
    await shoot(page, 'account-reset-done');
    assert.deepEqual(faults.filter((fault) => !fault.includes('status of 422')), []);
    await page.close();
    assert.equal(await logIn(address, next), 200);
    assert.equal(await logIn(address, password), 403);

    const { page: again } = await openLink(browser, link);
    await setPassword(again, `${next} again`);
    await says(again, 'This link no longer works');
    await shoot(again, 'account-reset-used');
    await again.close();
  });

  await t.test('a link that is not complete, and a page that is loaded again', async () => {
    const { page } = await openLink(browser, `${address}/account/reset`);
    await says(page, 'The link is not complete');
    assert.equal(await page.getByRole('button').count(), 0);
    await page.goto(`${address}/account/reset#token=abc`);
    await setPassword(page, next);
    await says(page, 'The link is not complete. Copy the whole link from the mail.');
    await page.close();
  });

  for (const [name, answer, expected] of [
    ['429', { status: 429, headers: { 'Retry-After': '60' }, body: '{"code":"quota_exceeded"}' }, 'Try again in 60 seconds.'],
    ['503', { status: 503, headers: { 'Retry-After': '1' }, body: '{"code":"busy"}' }, 'Try again in 1 second.'],
    ['a lost write', { status: 503, headers: { 'Retry-After': '1' }, body: '{"code":"outcome_unknown"}' }, 'Try to log in with the new password.'],
    ['a foreign answer', { status: 502, body: '<html>' }, 'Something went wrong (502).'],
    ['no answer', undefined, 'The answer was lost.'],
  ]) {
    await t.test(`after ${name} the form can be sent again`, async () => {
      const { page } = await openLink(browser, `${address}/${garbage}`);
      await page.route('**/complete', (route) => (answer === undefined ? route.abort() : route.fulfill(answer)));
      await setPassword(page, next);
      await says(page, expected);
      await page.unroute('**/complete');
      await page.getByRole('button', { name: 'Set the password' }).click();
      await says(page, 'This link no longer works');
      await page.close();
    });
  }

  for (const [name, options] of [
    ['account-dark', { scheme: 'dark' }], ['account-phone', { viewport: phone }], ['account-phone-dark', { scheme: 'dark', viewport: phone }],
  ]) {
    await t.test(name, async () => {
      const { page, faults } = await openLink(browser, `${address}/${garbage}`, options);
      await setPassword(page, 'password');
      await page.getByText('The password is one of the passwords that are guessed first.').waitFor();
      await shoot(page, name);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is cut off at the side');
      assert.deepEqual(faults.filter((fault) => !fault.includes('status of 422')), []);
      await page.close();
    });
  }

  await t.test('without JavaScript the page says so', async () => {
    const page = await (await browser.browser().newContext({ javaScriptEnabled: false })).newPage();
    await page.goto(`${address}/${garbage}`);
    assert.match(await page.locator('main').innerText(), /This page needs JavaScript/);
    assert.equal(await page.getByRole('button').count(), 0);
    await shoot(page, 'account-no-script');
    await page.context().close();
  });

  await t.test('the pages work below a path', async () => {
    const outside = [];
    const proxy = createServer((incoming, outgoing) => {
      const path = incoming.url.replace(/^\/auth(?=\/)/, '');
      if (path === incoming.url) {
        outside.push(path);
      }
      incoming.pipe(request(`${address}${path}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      }));
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    t.after(() => proxy.close());
    const { page } = await openLink(browser, `http://127.0.0.1:${proxy.address().port}/auth/${garbage}`);
    await setPassword(page, next);
    await says(page, 'This link no longer works');
    assert.deepEqual(outside, [], 'every request is below the path');
    await page.close();
  });
});
