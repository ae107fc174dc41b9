import assert from "node:assert/strict";
import test from "node:test";
import { Problem, type Tokens } from "@postern/client";
import { fake, problem, store, tokenAnswer, tokens } from "./support/fake.js";

const account = { json: { id: 1, email: "ada@example.com", name: null, created_at: "" } };
const expired = (number: number) => tokens(number, Date.now() - 1000);
const isRefresh = ({ url }: { url: string }) => url === "/token";

test("login sends a form and keeps the tokens", async (t) => {
  const kept = store();
  const server = await fake(t, ({ url }) => url === "/login" ? tokenAnswer(1) : account);
  const client = server.client({ tokens: kept });
  assert.equal(await client.isLoggedIn(), false);
  await client.login({ email: "a+b@example.com", password: "pass & word" });
  assert.equal(server.seen[0]?.headers["content-type"], "application/x-www-form-urlencoded");
  assert.deepEqual([...new URLSearchParams(server.seen[0]?.body)], [["username", "a+b@example.com"], ["password", "pass & word"]]);
  assert.equal(server.seen[0]?.headers.authorization, undefined);
  await client.account.get();
  assert.equal(server.seen[1]?.headers.authorization, "Bearer access1");
  assert.equal(await client.isLoggedIn(), true);
  assert.equal(kept.saved.length, 1);
  const left = (kept.saved[0]?.expiresAt ?? 0) - Date.now();
  assert.ok(left > 1_790_000 && left <= 1_800_000, `expires in ${left} ms`);
});

test("an expiring token is renewed before it is used, once for all calls", async (t) => {
  const kept = store(tokens(1, Date.now() + 5_000));
  const server = await fake(t, (seen) => isRefresh(seen) ? tokenAnswer(2) : account);
  const client = server.client({ tokens: kept });
  await Promise.all(Array.from({ length: 20 }, () => client.account.get()));
  assert.equal(server.seen.filter(isRefresh).length, 1);
  assert.deepEqual([...new URLSearchParams(server.seen[0]?.body)], [["grant_type", "refresh_token"], ["refresh_token", "refresh1"]]);
  const used = server.seen.filter((seen) => !isRefresh(seen)).map(({ headers }) => headers.authorization);
  assert.deepEqual(used, Array.from({ length: 20 }, () => "Bearer access2"));
  assert.deepEqual(kept.saved.map((saved) => saved?.refreshToken), ["refresh2"]);
});

test("a token that the server refuses is renewed, and the whole request is sent again", async (t) => {
  const kept = store(tokens(1));
  const server = await fake(t, (seen) => {
    if (isRefresh(seen)) return tokenAnswer(2);
    return seen.headers.authorization === "Bearer access2" ? account : problem(401, "invalid_token");
  });
  const client = server.client({ tokens: kept });
  await Promise.all(Array.from({ length: 20 }, () => client.account.patch({ name: "Ada" })));
  assert.equal(server.seen.filter(isRefresh).length, 1);
  assert.equal(server.seen.filter(({ body }) => body === '{"name":"Ada"}').length, 40);
});

test("a token that is refused again is not renewed again", async (t) => {
  const server = await fake(t, (seen) => isRefresh(seen) ? tokenAnswer(2) : problem(401, "invalid_token"));
  await assert.rejects(server.client({ tokens: store(tokens(1)) }).account.get(), { status: 401, code: "invalid_token" });
  assert.deepEqual(server.seen.map(({ url }) => url), ["/users/me", "/token", "/users/me"]);
});

test("the tokens of an ended session are forgotten, and the call rejects with 401", async (t) => {
  for (const [name, first] of [["expired", expired(1)], ["refused", tokens(1)]] as const) {
    await t.test(name, async (t) => {
      const kept = store(first);
      const server = await fake(t, (seen) => {
        if (!isRefresh(seen)) return problem(401, seen.headers.authorization === undefined ? "not_authenticated" : "invalid_token");
        const answer = problem(400, "invalid_refresh_token");
        return { ...answer, json: { ...(answer.json as object), error: "invalid_grant", error_description: "" } };
      });
      const client = server.client({ tokens: kept });
      await assert.rejects(client.account.get(), (error) => error instanceof Problem && error.status === 401);
      assert.deepEqual(kept.saved, [undefined]);
      assert.equal(await client.isLoggedIn(), false);
    });
  }
});

test("a renewal that fails for another reason keeps the session", async (t) => {
  await t.test("a token that is still good is used", async (t) => {
    const server = await fake(t, (seen) => isRefresh(seen) ? problem(503, "draining") : account);
    await server.client({ tokens: store(tokens(1, Date.now() + 5_000)) }).account.get();
    assert.equal(server.seen.at(-1)?.headers.authorization, "Bearer access1");
  });
  await t.test("with an expired one the call fails, and the next one tries again", async (t) => {
    const kept = store(expired(1));
    let down = true;
    const server = await fake(t, (seen) => isRefresh(seen) ? down ? problem(503, "draining") : tokenAnswer(2) : account);
    const client = server.client({ tokens: kept });
    await assert.rejects(client.account.get(), { code: "draining" });
    assert.deepEqual(kept.saved, []);
    down = false;
    await client.account.get();
    assert.equal(server.seen.at(-1)?.headers.authorization, "Bearer access2");
  });
});

test("a renewal whose answer is lost is repeated with the same token", async (t) => {
  const server = await fake(t, (seen, number) => isRefresh(seen) ? number < 3 ? { hangUp: true } : tokenAnswer(2) : account);
  await server.client({ tokens: store(expired(1)) }).account.get();
  const refreshes = server.seen.filter(isRefresh);
  assert.equal(refreshes.length, 3);
  assert.equal(new Set(refreshes.map(({ body }) => body)).size, 1);
});

test("a renewal is not repeated when the server might not accept the token any more", async (t) => {
  const server = await fake(t, (seen) => isRefresh(seen) ? problem(503, "outcome_unknown", { "Retry-After": "16" }) : account);
  await assert.rejects(server.client({ tokens: store(expired(1)) }).account.get(), { code: "outcome_unknown" });
  assert.equal(server.seen.length, 1);
});

test("a call that is aborted does not stop the renewal for the others", async (t) => {
  let release = () => undefined as void;
  const gate = new Promise<void>((resolve) => { release = resolve; });
  const reason = new Error("enough");
  const controller = new AbortController();
  const server = await fake(t, async (seen) => {
    if (!isRefresh(seen)) return account;
    controller.abort(reason);
    await gate;
    return tokenAnswer(2);
  });
  const client = server.client({ tokens: store(expired(1)) });
  const givenUp = client.account.get({ signal: controller.signal });
  const other = client.account.get();
  await assert.rejects(givenUp, reason);
  release();
  await other;
  assert.equal(server.seen.filter(isRefresh).length, 1);
});

test("tokens that another tab has renewed are used", async (t) => {
  const kept = store(tokens(1));
  const server = await fake(t, (seen) => {
    if (isRefresh(seen)) return problem(500, "internal");
    return seen.headers.authorization === "Bearer access2" ? account : problem(401, "invalid_token");
  });
  const client = server.client({ tokens: kept });
  assert.equal(await client.isLoggedIn(), true);
  kept.set(tokens(2));
  await client.account.get();
  assert.equal(server.seen.filter(isRefresh).length, 0);
  kept.set(undefined); // logged out there
  await assert.rejects(server.client({ tokens: kept }).account.get(), { status: 401 });
});

test("a login during a renewal takes precedence", async (t) => {
  let release = () => undefined as void;
  let arrive = () => undefined as void;
  const gate = new Promise<void>((resolve) => { release = resolve; });
  const arrived = new Promise<void>((resolve) => { arrive = resolve; });
  const kept = store(expired(1));
  const server = await fake(t, async (seen) => {
    if (seen.url === "/login") return tokenAnswer(9);
    if (!isRefresh(seen)) return account;
    arrive();
    await gate;
    return tokenAnswer(2);
  });
  const client = server.client({ tokens: kept });
  const call = client.account.get();
  await arrived;
  await client.login({ email: "a@b.example", password: "x" });
  release();
  await call;
  assert.equal(server.seen.at(-1)?.headers.authorization, "Bearer access9");
  assert.deepEqual(kept.saved.map((saved) => saved?.accessToken), ["access9"]);
});

test("log-out sends the newest refresh token and forgets it, even if the server cannot be reached", async (t) => {
  await t.test("while a refresh is under way", async (t) => {
    const kept = store(expired(1));
    const server = await fake(t, (seen) => isRefresh(seen) ? tokenAnswer(2) : seen.url === "/logout" ? { status: 204 } : account);
    const client = server.client({ tokens: kept });
    const call = client.account.get();
    while (server.seen.length === 0) await new Promise(setImmediate);
    await client.logout();
    await call;
    assert.equal(server.seen.find(({ url }) => url === "/logout")?.body, "refresh_token=refresh2");
    assert.equal(kept.load(), undefined);
  });
  await t.test("when the server cannot be told", async (t) => {
    const kept = store(tokens(1));
    const server = await fake(t, () => ({ hangUp: true }));
    const client = server.client({ tokens: kept });
    await assert.rejects(client.logout(), TypeError);
    assert.equal(server.seen.length, 4);
    assert.equal(kept.load(), undefined);
    await client.logout();
    assert.equal(server.seen.length, 4);
  });
});

test("public operations carry no token, except where it is optional", async (t) => {
  const server = await fake(t, ({ url }) => url.startsWith("/posts/") ? { json: { id: 1 }, headers: { ETag: '"1-x"' } } : { json: [] });
  const client = server.client({ tokens: store(tokens(1)) });
  await client.posts.page();
  await client.users.get(1);
  await client.posts.get(1);
  assert.deepEqual(server.seen.map(({ headers }) => headers.authorization), ["Bearer access1", undefined, "Bearer access1"]);
  const anonymous = server.client();
  await anonymous.posts.page();
  await anonymous.posts.get(1);
  assert.deepEqual(server.seen.slice(3).map(({ headers }) => headers.authorization), [undefined, undefined]);
});

test("a store may lack load, and may fail", async (t) => {
  const heard: (Tokens | undefined)[] = [];
  const server = await fake(t, () => tokenAnswer(1));
  await server.client({ tokens: { save: (saved) => { heard.push(saved); } } }).login({ email: "a@b.example", password: "x" });
  assert.equal(heard[0]?.accessToken, "access1");
  const broken = server.client({ tokens: { load: () => { throw new Error("broken"); }, save: () => undefined } });
  await assert.rejects(broken.account.get(), /broken/);
});
