import assert from "node:assert/strict";
import test from "node:test";
import { Postern, Problem, type ProblemCode } from "@postern/client";
import { fake, problem } from "./support/fake.js";

test("a problem contains what the server said", async (t) => {
  const errors = [
    { in: "body", pointer: "/email", code: "required", detail: "is required" },
    { in: "query", name: "limit", code: "maximum", detail: "must be at most 100" },
  ];
  const answer = problem(422, "validation");
  const server = await fake(t, () => ({ ...answer, json: { ...(answer.json as object), title: "Unprocessable Content", trace_id: "t1", errors } }));
  const error: unknown = await server.client().posts.page().then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof Problem && error instanceof Error);
  assert.equal(error.name, "Problem");
  assert.equal(error.status, 422);
  assert.equal(error.code, "validation");
  assert.equal(error.title, "Unprocessable Content");
  assert.equal(error.detail, "validation");
  assert.equal(error.message, "validation /email is required; limit must be at most 100");
  assert.equal(error.field("/email")?.code, "required");
  assert.equal(error.field("limit")?.code, "maximum");
  assert.equal(error.field("/title"), undefined);
  assert.equal(error.requestId, "r1");
  assert.equal(error.traceId, "t1");
  assert.equal(error.retryAfter, undefined);
  assert.deepEqual(error.errors, errors);
});

test("a code of a newer server is a code", async (t) => {
  const server = await fake(t, () => problem(409, "slug_taken"));
  const future: ProblemCode = "slug_taken";
  await assert.rejects(server.client().posts.page(), { name: "Problem", status: 409, code: future });
});

test("an answer without a problem document is a problem too", async (t) => {
  for (const text of ["<html>", "{}", "[1]", "null", '{"code": 1, "detail": {}}']) {
    const server = await fake(t, () => ({ status: 403, text, headers: { "X-Request-Id": "r2" } }));
    await assert.rejects(server.client().posts.page(), {
      name: "Problem", status: 403, code: "unknown", requestId: "r2", message: /not from Postern/,
    });
  }
});

test("an HTML page in place of an answer is explained", async (t) => {
  for (const status of [200, 502]) {
    const server = await fake(t, () => ({ status, text: "<html>Welcome", headers: { "Content-Type": "text/html; charset=utf-8" } }));
    await assert.rejects(server.client({ retry: { attempts: 1 } }).posts.page(), {
      name: "Problem", status, code: "unknown", message: `The answer ${status} is an HTML page, so a proxy or another server sent it. Check the base URL.`,
    });
  }
});

test("a base URL must be an address", () => {
  for (const baseUrl of ["", "postern.test", "localhost:8080", "/api", "ftp://postern.test", "http://", "http://postern.test/?a=b", "http://a#b"]) {
    assert.throws(() => new Postern({ baseUrl }), { name: "TypeError", message: /baseUrl must start with http/ }, baseUrl);
  }
  for (const baseUrl of ["http://postern.test", "https://postern.test/", "http://127.0.0.1:8080/prefix"]) new Postern({ baseUrl });
});
