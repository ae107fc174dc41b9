import assert from "node:assert/strict";
import test from "node:test";
import { anyVersion } from "@postern/client";
import { fake, posts, problem, tokens, store, type Answer } from "./support/fake.js";

const post = { id: 1, title: "a", content: "b" };
const input = { title: "a", content: "b" };
const lost: Answer = { hangUp: true };

test("requests that can safely be sent twice are repeated", async (t) => {
  const cases: { name: string; failure: Answer; call: "list" | "create" | "replace" | "patch" | "rename" | "vote" | "delete" }[] = [
    { name: "a read after a lost answer", failure: lost, call: "list" },
    { name: "a read after 429", failure: problem(429, "quota_exceeded", { "Retry-After": "0" }), call: "list" },
    { name: "a read after a proxy's 502", failure: { status: 502, text: "<html>" }, call: "list" },
    { name: "a read after a proxy's 504", failure: { status: 504 }, call: "list" },
    { name: "a replacement after 408", failure: problem(408, "request_timeout"), call: "replace" },
    { name: "a read after 503", failure: problem(503, "store_unavailable", { "Retry-After": "0" }), call: "list" },
    { name: "a new post after a lost answer", failure: lost, call: "create" },
    { name: "a new post that is in progress", failure: problem(409, "idempotency_in_progress", { "Retry-After": "0" }), call: "create" },
    { name: "a new post of unknown outcome", failure: problem(503, "outcome_unknown", { "Retry-After": "0" }), call: "create" },
    { name: "a replacement after a lost answer", failure: lost, call: "replace" },
    { name: "a patch after a lost answer", failure: lost, call: "patch" },
    { name: "a new name after a lost answer", failure: lost, call: "rename" },
    { name: "a vote after a lost answer", failure: lost, call: "vote" },
    { name: "a deletion after a lost answer", failure: lost, call: "delete" },
  ];
  for (const { name, failure, call } of cases) {
    await t.test(name, async (t) => {
      const server = await fake(t, (seen, number) => {
        if (number <= 2) return failure;
        if (call === "vote" || call === "delete") return { status: 204 };
        return { json: seen.method === "GET" ? posts(1) : post, headers: { ETag: '"1-x"' } };
      });
      const client = server.client({ tokens: store(tokens(1)) });
      const calls = {
        list: () => client.posts.page(),
        create: () => client.posts.create(input),
        replace: () => client.posts.replace(1, input, { ifMatch: anyVersion }),
        patch: () => client.posts.patch(1, {}, { ifMatch: anyVersion }),
        rename: () => client.account.patch({ name: null }),
        vote: () => client.posts.vote(1),
        delete: () => client.posts.delete(1, { ifMatch: anyVersion }),
      };
      await calls[call]();
      assert.equal(server.seen.length, 3);
      assert.equal(new Set(server.seen.map(({ body, url }) => body + url)).size, 1, "each repeat is the same request");
    });
  }
});

test("other requests are not repeated after an unknown outcome", async (t) => {
  const cases = {
    "a conditional patch": { call: (c) => c.posts.patch(1, {}, { ifMatch: '"1-x"' }) },
    "a conditional replacement": { call: (c) => c.posts.replace(1, input, { ifMatch: '"1-x"' }) },
    "a conditional deletion": { call: (c) => c.posts.delete(1, { ifMatch: '"1-x"' }) },
    "a sign-up": { call: (c) => c.signUp({ email: "a@b.example", password: "12345678" }) },
    "a login": { call: (c) => c.login({ email: "a@b.example", password: "x" }) },
    "a change of password": { call: (c) => c.account.changePassword("a", "b") },
    "the deletion of an account": { call: (c) => c.account.delete() },
  } satisfies Record<string, { call: (client: ReturnType<Awaited<ReturnType<typeof fake>>["client"]>) => Promise<unknown> }>;
  for (const [name, { call }] of Object.entries(cases)) {
    await t.test(`${name} after a lost answer`, async (t) => {
      const server = await fake(t, () => lost);
      await assert.rejects(call(server.client({ tokens: store(tokens(1)) })), TypeError);
      assert.equal(server.seen.length, 1);
    });
    await t.test(`${name} after 503, unless nothing was done`, async (t) => {
      const server = await fake(t, (_, number) =>
        problem(503, number === 1 ? "busy" : "outcome_unknown", { "Retry-After": "0" }));
      await assert.rejects(call(server.client({ tokens: store(tokens(1)) })), { code: "outcome_unknown" });
      assert.equal(server.seen.length, 2);
    });
  }
});

test("each new post has a key of its own, the same in every repeat", async (t) => {
  const server = await fake(t, (_, number) => number === 1 ? lost : { status: 201, json: post, headers: { ETag: '"1-x"' } });
  const client = server.client({ tokens: store(tokens(1)) });
  assert.deepEqual(await client.posts.create(input), post);
  await client.posts.create(input);
  await client.posts.create(input, { idempotencyKey: "mine" });
  const keys = server.seen.map(({ headers }) => headers["idempotency-key"]);
  assert.match(String(keys[0]), /^[0-9a-f]{32}$/);
  assert.equal(keys[1], keys[0]);
  assert.notEqual(keys[2], keys[0]);
  assert.equal(keys[3], "mine");
});

test("404 is a success for a deletion whose first answer was lost, and only then", async (t) => {
  const after = (first: Answer, second = problem(404, "post_not_found")) => fake(t, (_, number) => number === 1 ? first : second);
  await (await after(lost)).client({ tokens: store(tokens(1)) }).posts.delete(1, { ifMatch: anyVersion });
  const refused = await after(problem(503, "busy", { "Retry-After": "0" }));
  await assert.rejects(refused.client({ tokens: store(tokens(1)) }).posts.delete(1, { ifMatch: anyVersion }), { code: "post_not_found" });
  const elsewhere = await after(lost, problem(404, "not_found"));
  await assert.rejects(elsewhere.client({ tokens: store(tokens(1)) }).posts.delete(1, { ifMatch: anyVersion }), { code: "not_found" });
});

test("repeats are bounded", async (t) => {
  await t.test("in number", async (t) => {
    const server = await fake(t, () => problem(503, "busy", { "Retry-After": "0" }));
    await assert.rejects(server.client().posts.page(), { code: "busy" });
    assert.equal(server.seen.length, 4);
    await assert.rejects(server.client({ retry: { attempts: 1 } }).posts.page(), { code: "busy" });
    assert.equal(server.seen.length, 5);
  });
  await t.test("in the wait that they accept", async (t) => {
    const server = await fake(t, () => problem(429, "quota_exceeded", { "Retry-After": "21" }));
    await assert.rejects(server.client().posts.page(), { code: "quota_exceeded", retryAfter: 21 });
    assert.equal(server.seen.length, 1);
  });
  await t.test("to what could go better", async (t) => {
    for (const code of ["search_too_slow", "validation", "internal"]) {
      const server = await fake(t, () => problem(code === "validation" ? 422 : code === "internal" ? 500 : 503, code));
      await assert.rejects(server.client().posts.page(), { code });
      assert.equal(server.seen.length, 1);
    }
  });
});

test("the client waits for Retry-After, in seconds or as a date", async (t) => {
  for (const value of ["1", "date"]) {
    const at: number[] = [];
    const server = await fake(t, (_, number) => {
      at.push(performance.now());
      const header = value === "date" ? new Date(Date.now() + 2000).toUTCString() : value;
      return number === 1 ? problem(503, "busy", { "Retry-After": header }) : { json: posts() };
    });
    await server.client().posts.page();
    assert.ok((at[1] ?? 0) - (at[0] ?? 0) >= 990, `${value}: came back after ${(at[1] ?? 0) - (at[0] ?? 0)} ms`);
  }
});

test("waits grow and are random", async (t) => {
  const server = await fake(t, () => problem(503, "busy"));
  const waits: number[] = [];
  const timer = globalThis.setTimeout;
  // Only the waits between attempts are shorter than a second here; the timeouts of attempts are 30 s.
  t.mock.method(globalThis, "setTimeout", (run: () => void, milliseconds: number) => {
    if (milliseconds < 1000) waits.push(milliseconds);
    return timer(run, milliseconds < 1000 ? 0 : milliseconds);
  });
  t.mock.method(Math, "random", () => 0.5);
  await assert.rejects(server.client({ retry: { firstDelay: 100 } }).posts.page());
  assert.deepEqual(waits.filter((wait) => wait >= 50), [50, 100, 200]);
});

test("a signal ends a call: before it is sent, while it waits for an answer, and between attempts", async (t) => {
  const reason = new Error("enough");
  const server = await fake(t, () => new Promise(() => undefined));
  await assert.rejects(server.client().posts.page({}, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(server.seen.length, 0);

  const waiting = new AbortController();
  const call = server.client().posts.page({}, { signal: waiting.signal });
  setTimeout(() => waiting.abort(reason), 20);
  await assert.rejects(call, reason);

  const between = new AbortController();
  const busy = await fake(t, () => { setTimeout(() => between.abort(reason), 20); return problem(503, "busy", { "Retry-After": "15" }); });
  const began = performance.now();
  await assert.rejects(busy.client().posts.page({}, { signal: between.signal }), reason);
  assert.ok(performance.now() - began < 5000);
});

test("an attempt ends after the timeout, also while its answer is read", async (t) => {
  const server = await fake(t, (_, number) => number === 1 ? new Promise(() => undefined) : { json: posts(1) });
  assert.equal((await server.client({ timeout: 100 }).posts.page()).posts.length, 1);
  const silent = await fake(t, () => new Promise(() => undefined));
  await assert.rejects(silent.client({ timeout: 50, retry: { attempts: 1 } }).posts.page(), { name: "TimeoutError" });
  const endless = await fake(t, () => ({ headers: { "Content-Length": "100" }, text: "[" }));
  await assert.rejects(endless.client({ timeout: 50, retry: { attempts: 1 } }).posts.page(), { name: "TimeoutError" });
});

test("a redirect is not followed", async (t) => {
  const elsewhere = await fake(t, () => ({ json: {} }));
  const server = await fake(t, () => ({ status: 307, headers: { Location: elsewhere.baseUrl } }));
  await assert.rejects(server.client().login({ email: "a@b.example", password: "secret" }), TypeError);
  await assert.rejects(server.client({ tokens: store(tokens(1)) }).account.get(), TypeError);
  assert.equal(elsewhere.seen.length, 0);
});
