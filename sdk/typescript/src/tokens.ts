import type { components } from "./schema.js";

/** The tokens of a session. Keep them as safe as a password. */
export interface Tokens {
  /** Authorizes requests. */
  readonly accessToken: string;
  /** Gets the next tokens. */
  readonly refreshToken: string;
  /** When the access token expires, in milliseconds since 1970 by this machine's clock. */
  readonly expiresAt: number;
}

/**
 * Keeps tokens from one run, page or tab to the next. Every renewal replaces both tokens, and the use of an old refresh token
 * ends the session: keep the last.
 */
export interface TokenStore {
  /**
   * The tokens that were saved last, or undefined when logged out. It is called at the first request, and before each renewal
   * because another tab or process that shares the store may have renewed them. Without it, the tokens are only saved.
   */
  load?(): Tokens | undefined | Promise<Tokens | undefined>;
  /** Keeps the tokens, or forgets them (undefined) when the session is over. */
  save(tokens: Tokens | undefined): void | Promise<void>;
}

/** The tokens in an answer to a request that was sent at `began`. */
export function tokensFrom(answer: components["schemas"]["Token"], began: number): Tokens {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresAt: began + answer.expires_in * 1000,
  };
}
