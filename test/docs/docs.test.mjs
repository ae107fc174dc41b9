import assert from 'node:assert/strict';
import test from 'node:test';
import { authorize, execute, openDocs, shoot, signUp } from './page.mjs';
import { startBrowser, startService } from './service.mjs';

const background = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
const luminance = (color) => color.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);

test('the documentation page', { timeout: 120_000 }, async (t) => {
  const address = await startService(t);
  const browser = await startBrowser(t);
  await signUp(address);

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

    for (const operation of ['Posts-ListPosts', 'Posts-UpdatePost', 'Posts-PatchPost', 'Users-UpdateCurrentUser', 'Sessions-ListSessions']) {
      assert.equal((await execute(page, operation)).status, '200', `${operation}: what is filled in can be sent as it is`);
    }
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
