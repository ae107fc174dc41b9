import type { components } from "./schema.js";

/** What a session is kept alive with. Keep it as safe as a password. */
export interface Tokens {
  /** What requests carry. */
  readonly accessToken: string;
  /** Gets the next tokens, once. */
  readonly refreshToken: string;
  /** When the access token expires, in milliseconds since 1970 by this machine's clock. */
  readonly expiresAt: number;
}

/**
 * Keeps tokens from one run, page or tab to the next. Every refresh replaces both tokens, and the use of an old refresh
 * token ends the session: keep what you are given last.
 */
export interface TokenStore {
  /**
   * The tokens kept last; undefined when logged out. It is called at the first request, and before each refresh to see
   * whether another tab or process that shares the store was faster. Leave it out to be told only.
   */
  load?(): Tokens | undefined | Promise<Tokens | undefined>;
  /** Keeps the tokens, or forgets them (undefined) when the session is over. */
  save(tokens: Tokens | undefined): void | Promise<void>;
}

/** The tokens in an answer to a request that began at `began`. */
export function tokensFrom(answer: components["schemas"]["Token"], began: number): Tokens {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresAt: began + answer.expires_in * 1000,
  };
}
