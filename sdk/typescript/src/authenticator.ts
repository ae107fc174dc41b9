import { Problem } from "./problem.js";
import type { Tokens, TokenStore } from "./tokens.js";

/** Exchanges a refresh token for the next tokens. */
export type Refresh = (refreshToken: string) => Promise<Tokens>;

/** An access token is exchanged this many milliseconds before it expires. */
const leeway = 10_000;

/** Holds the tokens of one session and keeps them fresh, with one refresh at a time. */
export class Authenticator {
  readonly #store: TokenStore | undefined;
  readonly #refresh: Refresh;
  #tokens: Tokens | undefined;
  #loading: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(store: TokenStore | undefined, refresh: Refresh) {
    this.#store = store;
    this.#refresh = refresh;
  }

  /** The tokens held now, fresh or not, when no refresh is under way. */
  async tokens(): Promise<Tokens | undefined> {
    await this.#load();
    await this.#refreshing?.catch(() => undefined);
    return this.#tokens;
  }

  /** Holds and keeps other tokens, or none. */
  async replace(tokens: Tokens | undefined): Promise<void> {
    await this.#load();
    this.#tokens = tokens;
    await this.#store?.save(tokens);
  }

  /** An access token that is good by this machine's clock; undefined when logged out, or when the session turns out dead. */
  async accessToken(signal: AbortSignal): Promise<string | undefined> {
    await raced(this.#load(), signal);
    if (this.#tokens !== undefined && expiresWithin(this.#tokens, leeway)) {
      try {
        await raced(this.#renew(), signal);
      } catch (error) {
        signal.throwIfAborted();
        if (this.#tokens !== undefined && expiresWithin(this.#tokens, 0)) throw error;
      }
    }
    return this.#tokens?.accessToken;
  }

  /** Another access token than the one that the server refused; undefined if there is none to be had. */
  async accessTokenAfter(refused: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#tokens?.accessToken === refused) await raced(this.#renew(), signal);
    return this.#tokens?.accessToken === refused ? undefined : this.#tokens?.accessToken;
  }

  #load(): Promise<void> {
    // A store that failed is asked again.
    this.#loading ??= this.#read().catch((error: unknown) => { this.#loading = undefined; throw error; });
    return this.#loading;
  }

  async #read(): Promise<void> {
    this.#tokens = await this.#store?.load?.();
  }

  #renew(): Promise<void> {
    this.#refreshing ??= this.#renewNow().finally(() => { this.#refreshing = undefined; });
    return this.#refreshing;
  }

  async #renewNow(): Promise<void> {
    const held = this.#tokens;
    if (held === undefined || await this.#adopt(held)) return;
    let next: Tokens | undefined;
    try {
      next = await this.#refresh(held.refreshToken);
    } catch (error) {
      if (!isOver(error)) throw error;
    }
    // A log-in or log-out meanwhile counts for more.
    if (this.#tokens === held) await this.replace(next);
  }

  // Whether somebody who shares the store has replaced the tokens: then theirs are the newest.
  async #adopt(held: Tokens): Promise<boolean> {
    if (this.#store?.load === undefined) return false;
    const kept = await this.#store.load();
    if (this.#tokens !== held || kept?.refreshToken === held.refreshToken) return false;
    this.#tokens = kept;
    return true;
  }
}

// Whether the server says that the session has ended, rather than that it cannot say.
function isOver(error: unknown): boolean {
  return error instanceof Problem && error.oauthError === "invalid_grant";
}

function expiresWithin(tokens: Tokens, milliseconds: number): boolean {
  return tokens.expiresAt - Date.now() <= milliseconds;
}

// What is shared goes on when one who waits for it gives up.
function raced<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as unknown);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    shared.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
