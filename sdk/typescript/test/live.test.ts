import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { anyVersion, Postern, Problem } from "@postern/client";
import { compressing } from "./support/proxy.js";
import { startServer, type Server } from "./support/server.js";
import { store } from "./support/fake.js";

const password = "seventeen purple gallons of paint";
let server: Server;
let people = 0;

before(async () => { server = await startServer({ POSTERN_LOGIN_FREE_TRIES: "1" }); });
after(async () => { await server.stop(); });

/** A new user, logged in. */
async function somebody() {
  const email = `user${++people}@example.com`;
  const kept = store();
  const client = new Postern({ baseUrl: server.baseUrl, tokens: kept });
  const account = await client.signUp({ email, password });
  await client.login({ email, password });
  return { client, email, account, kept };
}

test("sign up, log in, read the account, log out", async () => {
  const { client, email, account, kept } = await somebody();
  assert.equal(account.email, email);
  assert.deepEqual(await client.account.get(), account);
  assert.equal((await client.account.patch({ name: "Ada" })).name, "Ada");
  assert.deepEqual(Object.keys(await client.users.get(account.id)).sort(), ["created_at", "id", "name"]);
  const old = kept.load();
  await client.logout();
  assert.equal(await client.isLoggedIn(), false);
  await assert.rejects(client.account.get(), { status: 401, code: "not_authenticated" });
  const thief = new Postern({ baseUrl: server.baseUrl, tokens: store(old) });
  await assert.rejects(thief.account.get(), { status: 401, code: "invalid_token" });
});

test("error answers are typed problems", async () => {
  const { client, email } = await somebody();
  await assert.rejects(client.signUp({ email, password }), { status: 409, code: "email_taken" });
  await assert.rejects(client.login({ email, password: "wrong" }), { status: 403, code: "invalid_credentials", detail: "Invalid Credentials" });
  await assert.rejects(client.login({ email, password: "wrong" }), (error) =>
    error instanceof Problem && error.code === "quota_exceeded" && (error.retryAfter ?? 0) >= 1);
  await assert.rejects(client.users.get(1_000_000), { code: "user_not_found" });
  await assert.rejects(client.posts.create({ title: "", content: "x" }), (error) => {
    assert.ok(error instanceof Problem && error.code === "validation" && error.requestId !== undefined);
    assert.equal(error.field("/title")?.detail, "must not be empty");
    assert.equal(error.field("/content"), undefined);
    assert.equal(error.message, "1 field is not valid. /title must not be empty");
    assert.deepEqual(error.errors.map(({ in: where, pointer, code }) => [where, pointer, code]), [["body", "/title", "min_length"]]);
    return true;
  });
});

test("an export has what the other calls return", async () => {
  const { client } = await somebody();
  for (let i = 0; i < 10; i++) {
    const { id } = await client.posts.create({ title: "<&>", content: "é\u2028\n".repeat(1 + 2000 * i), published: i % 2 === 0 });
    await client.posts.vote(id);
  }
  const lines = [];
  for await (const line of client.account.export()) lines.push(line);
  const posts = (await client.posts.listOwn().toArray()).reverse();
  assert.deepEqual(lines, [
    { type: "account", account: await client.account.get() },
    ...posts.map((post) => ({ type: "post", post })),
    ...posts.map(({ id }) => ({ type: "vote", vote: { post_id: id } })),
    ...(await client.sessions.list()).map((session) => ({ type: "session", session })),
  ]);
});

test("users see the user agent in the list of their sessions", async () => {
  const { email } = await somebody();
  const client = new Postern({ baseUrl: server.baseUrl, userAgent: "notes/1.2" });
  await client.login({ email, password });
  assert.equal((await client.sessions.list()).find(({ current }) => current)?.user_agent, "notes/1.2");
});

test("a session outlives its access tokens", async () => {
  const { client, kept } = await somebody();
  const first = kept.load();
  assert.ok(first);
  // Expired by this clock: renewed before the requests, once for all of them.
  const expired = store({ ...first, expiresAt: Date.now() - 1 });
  const later = new Postern({ baseUrl: server.baseUrl, tokens: expired });
  await Promise.all(Array.from({ length: 10 }, () => later.account.get()));
  assert.equal(expired.saved.length, 1);
  // Refused by the server: renewed after the request.
  const second = expired.load();
  assert.ok(second && second.refreshToken !== first.refreshToken);
  const refused = store({ ...second, accessToken: "not.a.token" });
  await new Postern({ baseUrl: server.baseUrl, tokens: refused }).account.get();
  assert.equal(refused.saved.length, 1);
  // A lost answer: the previous refresh token gets the same tokens again.
  const lost = store({ ...second, expiresAt: 0 });
  await new Postern({ baseUrl: server.baseUrl, tokens: lost }).account.get();
  assert.equal(lost.load()?.refreshToken, refused.load()?.refreshToken);
  // An older refresh token counts as stolen: the session ends, and its tokens are forgotten.
  const stolen = store({ ...first, expiresAt: 0 });
  await assert.rejects(new Postern({ baseUrl: server.baseUrl, tokens: stolen }).account.get(), { status: 401 });
  assert.equal(stolen.load(), undefined);
  await assert.rejects(client.account.get(), { status: 401 });
});

test("sessions are listed and ended", async () => {
  const { client, email } = await somebody();
  const other = new Postern({ baseUrl: server.baseUrl });
  await other.login({ email, password });
  const sessions = await client.sessions.list();
  assert.deepEqual(sessions.map(({ current }) => current).sort(), [false, true]);
  await client.sessions.end(sessions.find(({ current }) => !current)?.id ?? "");
  await assert.rejects(other.account.get(), { status: 401 });
  await other.login({ email, password });
  await client.sessions.endOthers();
  await assert.rejects(other.account.get(), { status: 401 });
  await other.login({ email, password });
  await client.account.changePassword(password, `${password}!`);
  await assert.rejects(other.account.get(), { status: 401 });
  assert.equal((await client.sessions.list()).length, 1);
});

test("an account is deleted", async () => {
  const { client, account } = await somebody();
  await client.account.delete();
  assert.equal(await client.isLoggedIn(), false);
  await assert.rejects(client.users.get(account.id), { code: "user_not_found" });
});

test("posts are written and read, page by page", async () => {
  const { client, account } = await somebody();
  const written: number[] = [];
  for (let i = 1; i <= 7; i++) {
    const post = await client.posts.create({ title: `post ${i}`, content: "héllo 🌍\r\n" });
    assert.equal(post.owner_id, account.id);
    assert.equal(post.content, "héllo 🌍\r\n");
    written.unshift(post.id);
  }
  const anyone = new Postern({ baseUrl: server.baseUrl });
  const read: number[] = [];
  for await (const post of anyone.posts.list({ limit: 2 })) if (post.owner_id === account.id) read.push(post.id);
  assert.deepEqual(read, written);
  const page = await anyone.posts.page({ limit: 3 });
  assert.equal(page.posts.length, 3);
  for (const post of page.posts) assert.equal((await anyone.posts.get(post.id)).etag, post.etag);
  const second = await anyone.posts.page(page.next);
  assert.deepEqual((await anyone.posts.page(second.prev)).posts, page.posts);
});

test("a page of posts draws its vote buttons", async () => {
  const { client, account } = await somebody();
  const first = await client.posts.create({ title: "first", content: "x" });
  await client.posts.create({ title: "second", content: "x" });
  assert.equal(first.voted, false);
  await client.posts.vote(first.id);
  const { posts } = await client.posts.page({ author: account.id });
  assert.deepEqual(posts.map(({ title, voted }) => [title, voted]), [["second", false], ["first", true]]);
  assert.deepEqual((await client.posts.pageOwn()).posts, posts);
  const anyone = new Postern({ baseUrl: server.baseUrl });
  assert.deepEqual((await anyone.posts.page({ author: account.id })).posts.map(({ voted }) => voted), [undefined, undefined]);
});

test("posts are filtered and searched", async () => {
  const { client, account } = await somebody();
  const word = `w${account.id}x${Date.now()}`;
  for (let i = 1; i <= 5; i++) await client.posts.create({ title: word, content: `number ${i}` });
  await client.posts.create({ title: word, content: "draft", published: false });
  const found = await client.posts.list({ search: `${word} number`, limit: 2, order: "oldest" }).toArray();
  assert.deepEqual(found.map(({ content }) => content), [1, 2, 3, 4, 5].map((i) => `number ${i}`));
  assert.equal((await client.posts.list({ author: account.id }).toArray()).length, 5);
  assert.equal((await client.posts.listOwn({ limit: 2 }).toArray()).length, 6);
  assert.deepEqual((await client.posts.listOwn({ published: false }).toArray()).map(({ content }) => content), ["draft"]);
  await assert.rejects(client.posts.page("cursor=AAAA"), { code: "validation" });
});

test("only the owner sees a draft", async () => {
  const { client } = await somebody();
  const { client: other } = await somebody();
  const { id, etag } = await client.posts.create({ title: "draft", content: "x", published: false });
  assert.equal((await client.posts.get(id)).published_at, null);
  for (const stranger of [other, new Postern({ baseUrl: server.baseUrl })]) {
    await assert.rejects(stranger.posts.get(id), { code: "post_not_found" });
  }
  await client.posts.patch(id, { published: true }, { ifMatch: etag });
  assert.equal((await other.posts.get(id)).published, true);
  await assert.rejects(other.posts.patch(id, { title: "mine" }, { ifMatch: anyVersion }), { status: 403, code: "not_post_owner" });
});

test("creating a post twice with one key makes one post", async () => {
  const { client } = await somebody();
  const input = { title: "once", content: "x" };
  const first = await client.posts.create(input, { idempotencyKey: "key" });
  assert.deepEqual(await client.posts.create(input, { idempotencyKey: "key" }), first);
  await assert.rejects(client.posts.create({ ...input, content: "y" }, { idempotencyKey: "key" }), { status: 422, code: "idempotency_key_reused" });
});

test("no edit is lost", async () => {
  const { client } = await somebody();
  const post = await client.posts.create({ title: "list", content: "0" });
  assert.equal(await client.posts.getIfChanged(post.id, post.etag), undefined);
  await Promise.all([1, 2, 3, 4].map((i) => client.posts.update(post.id, ({ content }) => ({ content: `${content} ${i}` }))));
  const changed = await client.posts.getIfChanged(post.id, post.etag);
  assert.deepEqual(changed?.content.split(" ").sort(), ["0", "1", "2", "3", "4"]);
  await assert.rejects(client.posts.replace(post.id, { title: "a", content: "b" }, { ifMatch: post.etag }), { status: 412, code: "precondition_failed" });
  const replaced = await client.posts.replace(post.id, { title: "a", content: "b" }, { ifMatch: changed?.etag ?? "" });
  assert.equal(replaced.version, 6);
  await client.posts.delete(post.id, { ifMatch: replaced.etag });
  await assert.rejects(client.posts.get(post.id), { code: "post_not_found" });
});

test("a vote counts once", async () => {
  const { client } = await somebody();
  const { client: other } = await somebody();
  const { id } = await client.posts.create({ title: "vote", content: "x" });
  await client.posts.vote(id);
  await client.posts.vote(id);
  await other.posts.vote(id);
  assert.equal((await client.posts.get(id)).votes, 2);
  await client.posts.withdrawVote(id);
  assert.equal((await client.posts.get(id)).votes, 1);
});

test("the typed client has every operation", async () => {
  const { client } = await somebody();
  assert.deepEqual((await client.api.GET("/readyz")).data, { status: "ok" });
  assert.deepEqual((await client.api.GET("/.well-known/jwks.json")).data, { keys: [] });
});

test("edits behind a compressing proxy need one write each", async (t) => {
  for (const [name, rewrite] of Object.entries({
    nginx: (tag: string) => `W/${tag}`,
    Apache: (tag: string) => tag.replace(/"$/, '-gzip"'),
  })) {
    await t.test(name, async (t) => {
      const { kept } = await somebody();
      const proxy = await compressing(t, server.baseUrl, rewrite);
      const { posts } = new Postern({ baseUrl: proxy.baseUrl, tokens: kept });
      const made = await posts.create({ title: "a;b", content: "c" });
      const edited = await posts.update(made.id, (post) => ({ content: `${post.content}!` }));
      assert.equal(edited.content, "c!");
      assert.equal(await posts.getIfChanged(made.id, edited.etag), undefined);
      await assert.rejects(posts.patch(made.id, { title: "lost" }, { ifMatch: made.etag }), { code: "precondition_failed" });
      assert.equal(proxy.methods.filter((method) => method === "PATCH").length, 2);
      assert.equal((await posts.list({ search: '"a;b"', limit: 1 }).toArray()).some(({ id }) => id === made.id), true);
      await posts.delete(made.id, { ifMatch: edited.etag });
    });
  }
});
