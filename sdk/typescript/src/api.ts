import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./schema.js";
import type { CallOptions } from "./types.js";

/** Every operation of the contract by its path and method, typed: `api.GET("/healthz")`. */
export type Api = Client<paths>;

/** An {@link Api} whose requests go through `send`. */
export function createApi(baseUrl: string, send: (request: Request) => Promise<Response>): Api {
  return createClient<paths>({ baseUrl, fetch: send });
}

/** The options of a call that apply to its request. */
export function init(options: CallOptions): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}

/** The body of a success. Problems have been thrown before, so an absent body is a fault of the server. */
export function body<T>(result: { data?: T | undefined; response: Response }): T {
  if (result.data === undefined) throw new TypeError(`The answer ${result.response.status} has no body.`);
  return result.data;
}
