import assert from "node:assert/strict";
import test from "node:test";
import { anyVersion } from "@postern/client";
import { fake, posts, problem, store, tokens } from "./support/fake.js";

// A proxy has rewritten the header. The member is what the server said.
const version = (number: number) =>
  ({ json: { id: 1, content: String(number), version: number, etag: `"${number}-x"` }, headers: { ETag: `W/"${number}-x-gzip"` } });

test("pages are followed by their links, when they are needed", async (t) => {
  const links: Record<string, string> = {
    "/posts?search=a%20%22b%22&limit=2": '</posts?search=a&cursor=B>; rel="next"',
    "/posts?search=a&cursor=B": '</posts?cursor=A>; rel="prev", </posts?search=a&cursor=C>; title="x, <y>; rel=z"; rel="foo next"',
    "/posts?search=a&cursor=C": "</posts?cursor=B>; rel=prev",
  };
  const server = await fake(t, ({ url }, number) => ({ json: posts(number * 2 - 1, number * 2), headers: { Link: links[url] ?? "" } }));
  const list = server.client().posts.list({ search: 'a "b"', limit: 2 });
  assert.equal(server.seen.length, 0, "nothing is read before it is asked for");
  const ids: number[] = [];
  for await (const post of list) ids.push(post.id);
  assert.deepEqual(ids, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(server.seen.map(({ url }) => url), Object.keys(links));
});

test("an iteration that stops reads no more, and each begins anew", async (t) => {
  const server = await fake(t, (_, number) => ({ json: posts(number), headers: { Link: `</posts?cursor=${number}>; rel="next"` } }));
  const list = server.client().posts.list();
  for await (const post of list) { assert.equal(post.id, 1); break; }
  assert.equal(server.seen.length, 1);
  assert.equal((await list.toArray(2)).length, 2);
  assert.equal(server.seen[1]?.url, "/posts");
  assert.equal(server.seen.length, 3);
  assert.deepEqual(await list.toArray(0), []);
});

test("a page leads forwards and backwards", async (t) => {
  const server = await fake(t, () => ({ json: [], headers: { Link: '</posts?cursor=P>; rel="prev", </posts?cursor=N&limit=2>; rel="next"' } }));
  const { posts } = server.client();
  const page = await posts.page({ author: 7, order: "oldest", published_after: "2026-11-24T09:30:00Z" });
  assert.deepEqual([page.prev, page.next], ["cursor=P", "cursor=N&limit=2"]);
  await posts.page(page.prev);
  await posts.page(page.next);
  assert.deepEqual(server.seen.map(({ url }) => url), [
    "/posts?author=7&order=oldest&published_after=2026-11-24T09%3A30%3A00Z", "/posts?cursor=P", "/posts?cursor=N&limit=2",
  ]);
});

test("a link cannot lead to another host, and a path before the API stays", async (t) => {
  const server = await fake(t, (_, number) => ({
    json: posts(number), headers: number === 1 ? { Link: '<https://evil.example/posts?cursor=X>; rel="next"' } : {},
  }));
  const client = server.client({ baseUrl: `${server.baseUrl}/api/` });
  assert.equal((await client.posts.list().toArray()).length, 2);
  assert.deepEqual(server.seen.map(({ url }) => url), ["/api/posts", "/api/posts?cursor=X"]);
});

test("your own posts are listed with a token", async (t) => {
  const server = await fake(t, ({ url }) => ({ json: posts(1), headers: url.includes("cursor") ? {} : { Link: '</users/me/posts?cursor=N>; rel="next"' } }));
  const own = server.client({ tokens: store(tokens(1)) }).posts.listOwn({ published: false });
  assert.equal((await own.toArray()).length, 2);
  assert.deepEqual(server.seen.map(({ url, headers }) => [url, headers.authorization]), [
    ["/users/me/posts?published=false", "Bearer access1"], ["/users/me/posts?cursor=N", "Bearer access1"],
  ]);
});

test("one request reads a page with the votes of the user", async (t) => {
  const server = await fake(t, ({ headers }) => ({ json: [{ id: 1, votes: 1, ...(headers.authorization === undefined ? {} : { voted: true }) }] }));
  const page = await server.client({ tokens: store(tokens(1)) }).posts.page();
  assert.deepEqual(page.posts.map(({ voted }) => voted), [true]);
  assert.deepEqual(server.seen.map(({ url, headers }) => [url, headers.authorization]), [["/posts", "Bearer access1"]]);
  const anonymous = await server.client().posts.page();
  assert.deepEqual(anonymous.posts.map(({ voted }) => voted), [undefined]);
});

test("the etag of a post is a condition", async (t) => {
  const server = await fake(t, ({ method, headers }) => {
    if (headers["if-none-match"] === '"1-x"') return { status: 304, headers: { ETag: '"1-x"' } };
    return method === "DELETE" ? { status: 204 } : version(1);
  });
  const client = server.client({ tokens: store(tokens(1)) });
  const { etag } = await client.posts.get(1);
  assert.equal(etag, '"1-x"');
  assert.equal(await client.posts.getIfChanged(1, etag), undefined);
  assert.equal((await client.posts.getIfChanged(1, '"0-x"'))?.id, 1);
  await client.posts.replace(1, { title: "a", content: "b" }, { ifMatch: etag });
  await client.posts.patch(1, { published: true }, { ifMatch: etag });
  await client.posts.delete(1, { ifMatch: etag });
  await client.posts.patch(1, {}, { ifMatch: anyVersion });
  assert.deepEqual(server.seen.slice(3).map(({ method, headers }) => [method, headers["if-match"]]), [
    ["PUT", '"1-x"'], ["PATCH", '"1-x"'], ["DELETE", '"1-x"'], ["PATCH", "*"],
  ]);
  assert.equal(server.seen[4]?.headers["content-type"], "application/merge-patch+json");
});

test("an empty tag is refused, and nothing is sent", async (t) => {
  const server = await fake(t, () => version(1));
  const { posts } = server.client({ tokens: store(tokens(1)) });
  for (const ifMatch of ["", " ", undefined as unknown as string]) {
    for (const call of [
      posts.replace(1, { title: "a", content: "b" }, { ifMatch }), posts.patch(1, {}, { ifMatch }), posts.delete(1, { ifMatch }),
    ]) await assert.rejects(call, { name: "TypeError", message: /anyVersion/ });
  }
  await assert.rejects((posts.delete as (id: number) => Promise<void>).call(posts, 1), /anyVersion/);
  assert.equal(server.seen.length, 0);
});

test("update begins again when somebody was faster, and loses no edit", async (t) => {
  let number = 1;
  const server = await fake(t, ({ method, headers }) => {
    if (method === "GET") return version(number);
    if (number < 3) number++; // somebody else, just before us
    return headers["if-match"] === `"${number}-x"` ? version(number + 1) : problem(412, "precondition_failed");
  });
  const client = server.client({ tokens: store(tokens(1)) });
  const after = await client.posts.update(1, (post) => ({ content: `${post.content}!` }));
  assert.equal(after.etag, '"4-x"');
  assert.deepEqual(server.seen.filter(({ method }) => method === "PATCH").map(({ body }) => body),
    ['{"content":"1!"}', '{"content":"2!"}', '{"content":"3!"}']);
});

test("update gives up in the end, passes other refusals on, and may change nothing", async (t) => {
  let number = 1;
  const always = await fake(t, ({ method }) => method === "GET" ? version(number++) : problem(412, "precondition_failed"));
  await assert.rejects(always.client({ tokens: store(tokens(1)) }).posts.update(1, () => ({})), { status: 412 });
  assert.equal(always.seen.length, 20);
  const never = await fake(t, ({ method }) => method === "GET" ? version(1) : problem(412, "precondition_failed"));
  await assert.rejects(never.client({ tokens: store(tokens(1)) }).posts.update(1, () => ({})), { status: 412 });
  assert.equal(never.seen.length, 3, "nobody was faster, so the condition cannot be met");
  const other = await fake(t, ({ method }) => method === "GET" ? version(1) : problem(403, "not_post_owner"));
  await assert.rejects(other.client({ tokens: store(tokens(1)) }).posts.update(1, () => ({})), { status: 403 });
  const same = await other.client({ tokens: store(tokens(1)) }).posts.update(1, () => undefined);
  assert.equal(same.etag, '"1-x"');
  assert.equal(other.seen.length, 3);
});
