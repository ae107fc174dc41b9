import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { IncompleteExport, Postern, Problem, type ExportLine } from "@postern/client";
import { fake, problem, store, tokens } from "./support/fake.js";

const vote = (id: number) => `{"type":"vote","vote":{"post_id":${id}}}\n`;
const end = (lines: number) => `{"type":"end","lines":${lines}}\n`;

/** A client of a server that answers as `answer` does, after the headers. */
async function streaming(t: TestContext, answer: (response: ServerResponse) => void | Promise<void>, timeout = 30_000) {
  let closed = () => {};
  const gone = new Promise<void>((resolve) => { closed = resolve; });
  const server = createServer((_, response) => {
    response.on("close", closed);
    response.writeHead(200, { "Content-Type": "application/x-ndjson" });
    void answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { gone, client: new Postern({ baseUrl, timeout, tokens: store(tokens(1)) }) };
}

async function all(lines: AsyncIterable<ExportLine>): Promise<ExportLine[]> {
  const read: ExportLine[] = [];
  for await (const line of lines) read.push(line);
  return read;
}

test("an export yields its lines, however they are cut into parts", async (t) => {
  const text = '{"type":"account","account":{"email":"é\\n😀"}}\n' + '{"type":"new"}\n' + vote(7) + end(3);
  const bytes = Buffer.from(text.replace("\\n", "\\u000a"));
  const { client } = await streaming(t, async (response) => {
    for (const byte of bytes) await new Promise((resolve) => response.write(Buffer.from([byte]), resolve));
    response.end();
  });
  assert.deepEqual(await all(client.account.export()), [
    { type: "account", account: { email: "é\n😀" } }, { type: "new" }, { type: "vote", vote: { post_id: 7 } },
  ]);
});

test("an incomplete export is noticed", async (t) => {
  const cases: [string, (response: ServerResponse) => void, number][] = [
    ["empty", (response) => { response.end(); }, 0],
    ["without an end", (response) => { response.end(vote(1) + vote(2)); }, 2],
    ["half a line", (response) => { response.end(vote(1) + vote(2).slice(0, 9)); }, 1],
    ["a line is missing", (response) => { response.end(vote(1) + end(2)); }, 1],
    ["connection lost", (response) => { response.write(vote(1), () => setTimeout(() => response.destroy(), 20)); }, 1],
    ["endless line", (response) => { response.write(vote(1) + "x".repeat(5 << 20)); }, 1],
  ];
  for (const [name, answer, lines] of cases) {
    const { client } = await streaming(t, answer);
    const read: ExportLine[] = [];
    await assert.rejects(async () => { for await (const line of client.account.export()) read.push(line); }, IncompleteExport, name);
    assert.equal(read.length, lines, name);
  }
});

test("an export may take longer than the timeout, but not stall", async (t) => {
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const slow = await streaming(t, async (response) => {
    for (let i = 0; i < 6; i++) { await pause(100); response.write(vote(i)); }
    response.end(end(6));
  }, 400);
  assert.equal((await all(slow.client.account.export())).length, 6);

  const stalled = await streaming(t, (response) => { response.write(vote(1)); }, 200);
  await assert.rejects(all(stalled.client.account.export()), (error: unknown) =>
    error instanceof IncompleteExport && (error.cause as Error).name === "TimeoutError");
  await stalled.gone;
});

test("an export ends with its signal, and closes the connection when its reader stops", async (t) => {
  const aborted = await streaming(t, (response) => { response.write(vote(1)); });
  const controller = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(async () => {
    for await (const _ of aborted.client.account.export({ signal: controller.signal })) controller.abort(reason);
  }, reason);
  await aborted.gone;

  const left = await streaming(t, (response) => { response.write(vote(1)); });
  for await (const _ of left.client.account.export()) break;
  await left.gone;
});

test("an export that runs already is asked for again, and then a problem", async (t) => {
  const { client, seen } = await fake(t, () => problem(429, "export_running", { "Retry-After": "0" }));
  await assert.rejects(all(client({ tokens: store(tokens(1)) }).account.export()), (error: unknown) =>
    error instanceof Problem && error.code === "export_running");
  assert.equal(seen.length, 4);
});
