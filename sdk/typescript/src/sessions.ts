import { body, init, type Api } from "./api.js";
import type { CallOptions, Session } from "./types.js";

/** Your sessions. */
export class Sessions {
  readonly #api: Api;

  /** @internal */
  constructor(api: Api) {
    this.#api = api;
  }

  /** Your live sessions, the newest first. There are at most 100. */
  async list(options: CallOptions = {}): Promise<Session[]> {
    return body(await this.#api.GET("/sessions", init(options)));
  }

  /** Ends one of your sessions. To end the current one, use {@link Postern.logout}, which also forgets the tokens. */
  async end(id: string, options: CallOptions = {}): Promise<void> {
    await this.#api.DELETE("/sessions/{id}", { params: { path: { id } }, ...init(options) });
  }

  /** Ends all of your sessions except the current one. */
  async endOthers(options: CallOptions = {}): Promise<void> {
    await this.#api.DELETE("/sessions", init(options));
  }
}
