import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Postern, type PosternOptions, type Tokens } from "@postern/client";

/** A request that the fake received. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An answer of the fake. `hangUp` closes the connection, as if the answer were lost. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly text?: string;
  readonly hangUp?: boolean;
}

/** A server for one test. It gives the answers of `answer` and records the requests. */
export async function fake(t: TestContext, answer: (seen: Seen, number: number) => Answer | Promise<Answer>) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
      seen.push(one);
      reply(response, await answer(one, seen.length));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = (options: Partial<PosternOptions> = {}) =>
    new Postern({ baseUrl, ...options, retry: { firstDelay: 1, ...options.retry } });
  return { seen, baseUrl, client };
}

function reply(response: ServerResponse, { status = 200, headers = {}, json, text, hangUp }: Answer): void {
  if (hangUp === true) { response.destroy(); return; }
  const type = status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(status, { ...(json === undefined ? {} : { "Content-Type": type }), ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}

/** A problem document. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): Answer {
  const json = { type: `/problems/${code}`, title: "", status, detail: code, code, request_id: "r1" };
  return { status, headers, json };
}

/** A page of posts that have only an identifier. */
export function posts(...ids: number[]): { id: number }[] {
  return ids.map((id) => ({ id }));
}

/** Tokens named after a number. They expire in half an hour by default. */
export function tokens(number: number, expiresAt = Date.now() + 1_800_000): Tokens {
  return { accessToken: `access${number}`, refreshToken: `refresh${number}`, expiresAt };
}

/** The answer with those tokens. */
export function tokenAnswer(number: number): Answer {
  return { json: { access_token: `access${number}`, token_type: "bearer", expires_in: 1800, refresh_token: `refresh${number}` } };
}

/** A store that records everything that was saved. */
export function store(first?: Tokens) {
  const saved: (Tokens | undefined)[] = [];
  let kept = first;
  return {
    saved,
    set: (tokens: Tokens | undefined) => { kept = tokens; },
    load: () => kept,
    save: (tokens: Tokens | undefined) => { kept = tokens; saved.push(tokens); },
  };
}
