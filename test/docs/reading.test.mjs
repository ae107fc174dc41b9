// What a reader of the documentation page finds. The tests compare the page with the served description.
import assert from 'node:assert/strict';
import test from 'node:test';
import { execute, logIn, openDocs, password, shoot, signUp } from './page.mjs';
import { startBrowser, startService } from './service.mjs';

const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

/** Opens an operation and waits for its answers. */
async function open(page, operation) {
  const block = page.locator(`#operations-${operation}`);
  await block.locator('.opblock-summary-control').click();
  await block.locator('.errors-table').waitFor();
  return block;
}

test('what a reader finds', { timeout: 120_000 }, async (t) => {
  const address = await startService(t);
  const browser = await startBrowser(t);
  await signUp(address);
  const description = await (await fetch(`${address}/openapi.json`)).json();
  const described = Object.values(description.paths).flatMap(Object.values).filter((operation) => operation.operationId !== undefined);

  for (const [name, viewport] of [['desktop', desktop], ['phone', phone]]) {
    await t.test(`the first screen of a ${name} has the quick start and the first operation`, async () => {
      const { page, faults } = await openDocs(browser, address, 'light', viewport);
      const lines = (await page.locator('.introduction .code-block code').innerText()).split('\n');
      assert.equal(lines.length, 5);
      assert.equal(lines[0], `API=${address}`);
      const { y, height } = await page.locator('.opblock').first().boundingBox();
      assert.ok(y + height < viewport.height, 'the first operation is in view');
      await page.getByText('Rules for all operations').click();
      await page.getByRole('heading', { name: 'Lost updates' }).waitFor();
      await shoot(page, `docs-rules-${name}`);
      assert.deepEqual(faults, []);
      await page.close();
    });
  }

  await t.test('an operation has a lock exactly if it needs a token', async () => {
    const { page, faults } = await openDocs(browser, address, 'light', desktop);
    for (const { operationId, tags: [tag], security } of described) {
      const needed = security.every((requirement) => Object.keys(requirement).length > 0);
      const operation = page.locator(`#operations-${tag}-${operationId}`);
      assert.equal(await operation.locator('.authorization__btn').count(), needed ? 1 : 0, operationId);
      assert.equal(await operation.getByRole('button', { name: 'Needs a token' }).count(), needed ? 1 : 0, operationId);
    }
    await logIn(page);
    assert.equal(await page.getByRole('button', { name: 'Needs a token' }).count(), 0, 'the locks are open with a token');
    await shoot(page, 'docs-authorized');
    assert.deepEqual(faults, []);
    await page.close();
  });

  await t.test('an operation has samples, folded headers, and errors with links', async () => {
    const { page, faults } = await openDocs(browser, address, 'light', { width: 1280, height: 2600 });
    const block = await open(page, 'Posts-UpdatePost');
    const { 'x-codeSamples': samples, responses } = described.find((operation) => operation.operationId === 'UpdatePost');
    for (const { label, source } of samples) {
      await block.getByRole('button', { name: label, exact: true }).click();
      assert.equal(await block.locator('.samples code').innerText(), source.trimEnd().replaceAll('http://127.0.0.1:8080', address));
    }
    await shoot(page, 'docs-operation');
    await block.getByRole('link', { name: 'Log in' }).click();
    await page.locator('#operations-Authentication-Login').getByRole('button', { name: 'Execute' }).waitFor();

    const header = block.getByText('X-Request-Id', { exact: true }).first();
    assert.equal(await header.isVisible(), false);
    await block.getByText('Headers of every answer').click();
    await header.waitFor();

    const statuses = await block.locator('.errors-table th').allInnerTexts();
    assert.deepEqual(statuses, Object.keys(responses).filter((status) => status >= '400'));
    const links = await block.locator('.errors-table a').evaluateAll((all) => all.map((link) => link.href));
    assert.ok(links.length >= statuses.length, 'each status has a code');
    for (const link of new Set(links)) {
      assert.equal((await fetch(link)).status, 200, link);
    }

    const next = await open(page, 'Posts-DeletePost');
    assert.equal(await next.getByRole('button', { name: 'TypeScript' }).getAttribute('aria-pressed'), 'true', 'the language stays');
    assert.deepEqual(faults, []);
    await page.close();
  });

  await t.test('an error leads to its page', async () => {
    const { page } = await openDocs(browser, address, 'light', desktop);
    const { block, status } = await execute(page, 'Users-GetCurrentUser');
    assert.equal(status, '401');
    const link = block.locator('.explained a');
    await link.scrollIntoViewIfNeeded();
    await shoot(page, 'docs-error');
    assert.equal(await link.getAttribute('href'), '/problems/not_authenticated');
    await page.close();
  });

  await t.test('the authorization outlasts a reload, but neither the tab nor the session', async () => {
    const { page } = await openDocs(browser, address, 'light', desktop);
    await logIn(page);
    const reload = async () => {
      await page.reload();
      await page.locator('#operations-Posts-CreatePost').waitFor();
    };
    const authorized = page.getByRole('button', { name: 'Authorized', exact: true }).first();
    await reload();
    await authorized.waitFor();
    assert.equal((await execute(page, 'Users-GetCurrentUser')).status, '200');
    const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
    assert.ok(kept.includes('access_token') && !kept.includes(password) && !kept.includes('refresh_token'), 'only the access token is kept');

    const { page: otherTab } = await openDocs(browser, address, 'light', desktop);
    assert.equal(await otherTab.getByRole('button', { name: 'Authorized', exact: true }).count(), 0);
    await otherTab.close();

    assert.equal((await execute(page, 'Authentication-Logout')).status, '204');
    await authorized.waitFor({ state: 'detached' });
    await reload();
    assert.equal(await authorized.count(), 0);
    await page.close();
  });

  await t.test('the button that removes the authorization ends the session', async () => {
    const { page } = await openDocs(browser, address, 'light', desktop);
    await logIn(page);
    const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem('postern.authorization')).OAuth2Password.token.access_token);
    await page.getByRole('button', { name: 'Authorized' }).first().click();
    const ended = page.waitForResponse((answer) => answer.url() === `${address}/logout`);
    await page.locator('.dialog-ux').getByRole('button', { name: 'Remove authorization' }).click();
    assert.equal((await ended).status(), 204);
    const answer = await fetch(`${address}/users/me`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 401);
    assert.equal(await page.evaluate(() => sessionStorage.getItem('postern.authorization')), '{}');
    await page.close();
  });
});
