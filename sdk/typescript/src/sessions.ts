import { body, init, type Api } from "./api.js";
import type { CallOptions, Session } from "./types.js";

/** See where you are logged in, and end that. */
export class Sessions {
  readonly #api: Api;

  /** @internal */
  constructor(api: Api) {
    this.#api = api;
  }

  /** Your live sessions, the newest first; at most 100. */
  async list(options: CallOptions = {}): Promise<Session[]> {
    return body(await this.#api.GET("/sessions", init(options)));
  }

  /** Ends one of your sessions. To end the one in use, {@link Postern.logout} is better: it forgets the tokens, too. */
  async end(id: string, options: CallOptions = {}): Promise<void> {
    await this.#api.DELETE("/sessions/{id}", { params: { path: { id } }, ...init(options) });
  }

  /** Logs you out everywhere but here. */
  async endOthers(options: CallOptions = {}): Promise<void> {
    await this.#api.DELETE("/sessions", init(options));
  }
}
