import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import test from "node:test";
import { startServer } from "./support/server.js";

test("the examples of the README run, one after the other", async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const { fetch } = globalThis;
  t.mock.method(globalThis, "fetch", (input: string, init: RequestInit) =>
    fetch(input.replace(/^http:\/\/127.0.0.1:8080(?=\/)/, server.baseUrl), init));
  const printed = t.mock.method(console, "log", () => undefined);
  Object.assign(globalThis, { sessionStorage: { getItem: () => null } });

  const folder = new URL("examples/", import.meta.url);
  const examples = (await readdir(folder)).filter((file) => file.endsWith(".js")).sort();
  assert.ok(examples.length >= 8);
  for (const example of examples) await import(new URL(example, folder).href);

  const lines = printed.mock.calls.map(({ arguments: said }) => said.join(" "));
  assert.ok(lines.includes("Hello 0"), `the search finds the first post: ${lines.join("; ")}`);
  assert.ok(lines.includes("somebody was faster"));
  assert.ok(lines.includes("E-mail address or password is wrong."));
  assert.equal(lines.at(-1), "ok");
});
