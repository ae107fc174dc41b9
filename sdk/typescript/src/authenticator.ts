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

  /** The current tokens, after a renewal that is under way. They may have expired. */
  async tokens(): Promise<Tokens | undefined> {
    await this.#load();
    await this.#refreshing?.catch(() => undefined);
    return this.#tokens;
  }

  /** Replaces and saves the tokens. */
  async replace(tokens: Tokens | undefined): Promise<void> {
    await this.#load();
    this.#tokens = tokens;
    await this.#store?.save(tokens);
  }

  /** An access token that has not expired by this machine's clock, or undefined when logged out. */
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

  /** The access token after the one that the server refused, or undefined if there is none. */
  async accessTokenAfter(refused: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#tokens?.accessToken === refused) await raced(this.#renew(), signal);
    return this.#tokens?.accessToken === refused ? undefined : this.#tokens?.accessToken;
  }

  #load(): Promise<void> {
    // After a failure the next call loads the store again.
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
    // A login or log-out meanwhile takes precedence.
    if (this.#tokens === held) await this.replace(next);
  }

  // Whether another user of the store has replaced the tokens. Theirs are newer.
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

// The shared work continues when one of its callers gives up.
function raced<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as unknown);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    shared.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
