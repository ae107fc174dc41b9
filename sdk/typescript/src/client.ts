import { body, createApi, init, type Api } from "./api.js";
import { Authenticator } from "./authenticator.js";
import { Posts } from "./posts.js";
import { Problem } from "./problem.js";
import { defaultRetryPolicy, type RetryPolicy } from "./retry.js";
import { Sessions } from "./sessions.js";
import { tokensFrom, type Tokens, type TokenStore } from "./tokens.js";
import { Transport, type SendOptions } from "./transport.js";
import type { Account, CallOptions, Registration } from "./types.js";
import { OwnAccount, Users } from "./users.js";

/** Options of a {@link Postern}. */
export interface PosternOptions {
  /**
   * The address of the service, such as `https://api.example`. It starts with `http://` or `https://` and has no query. Its path
   * goes before every path of the contract.
   */
  readonly baseUrl: string;
  /** Keeps the tokens from one run or page to the next. Without a store they are forgotten with the client. */
  readonly tokens?: TokenStore;
  /** The longest time of each attempt in milliseconds, with reading the answer. 30,000 by default. */
  readonly timeout?: number;
  /** How often and how soon failed requests are repeated. */
  readonly retry?: RetryPolicy;
  /**
   * The `User-Agent` header. Users see it in the list of their sessions. The platform sends its own by default; leave it so in
   * browsers.
   */
  readonly userAgent?: string;
  /** Sends the requests. It is the `fetch` of the platform by default. */
  readonly fetch?: typeof globalThis.fetch;
}

/** The credentials of a user. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

// The server accepts the same refresh token for 30 seconds. After that, a repeat would end the session. So the last repeat
// starts and ends well before.
const refresh = { repeatable: true, repeatWithin: 15_000, timeout: 10_000 };

/**
 * A client of one Postern service for one user, logged in or not. It renews the tokens by itself, shortly before they expire or
 * when the server refuses them. Concurrent calls share one renewal.
 *
 * Calls reject with a {@link Problem} for an error answer, with the reason of their `signal` if it is aborted, with a
 * `DOMException` named `TimeoutError` if there is no answer in time, and with the error of `fetch` (a `TypeError`) if there is
 * no connection. Before that, requests are repeated where that is safe.
 */
export class Postern {
  /** Write and read posts, and vote. */
  readonly posts: Posts;
  /** Your sessions. */
  readonly sessions: Sessions;
  /** Your account. */
  readonly account: OwnAccount;
  /** Other users. */
  readonly users: Users;
  /** Every operation of the contract, typed, with the same tokens, retries and errors. */
  readonly api: Api;
  readonly #publicApi: Api;
  readonly #authenticator: Authenticator;
  readonly #transport: Transport;

  /** Sends nothing. Throws a `TypeError` if `baseUrl` is not an address. */
  constructor(options: PosternOptions) {
    checkBaseUrl(options.baseUrl);
    this.#transport = new Transport({
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      timeout: options.timeout ?? 30_000,
      userAgent: options.userAgent,
      retry: { ...defaultRetryPolicy, ...options.retry },
    });
    this.#publicApi = createApi(options.baseUrl, (request) => this.#transport.send(request));
    const tokenApi = createApi(options.baseUrl, (request) =>
      this.#transport.send(request, { ...refresh, timeout: Math.min(refresh.timeout, options.timeout ?? Infinity) }));
    this.#authenticator = new Authenticator(options.tokens, (refreshToken) => renew(tokenApi, refreshToken));
    this.api = createApi(options.baseUrl, (request) => this.#sendAuthenticated(request));
    this.posts = new Posts(this.api);
    this.sessions = new Sessions(this.api);
    const streams = createApi(options.baseUrl, (request) => this.#sendAuthenticated(request, { stream: true }));
    this.account = new OwnAccount(this.api, streams, this.#authenticator);
    this.users = new Users(this.#publicApi);
  }

  /**
   * Creates an account. It does not log in. A taken address is `email_taken` (409), a bad password is `validation` (422). A server
   * with `POSTERN_SIGNUP=verified` sends a mail instead, whether the address is taken or not: then the call rejects with
   * {@link MailSent}.
   */
  async signUp(registration: Registration, options: CallOptions = {}): Promise<Account> {
    const answer = await this.#publicApi.POST("/users", { body: registration, ...init(options) });
    if (answer.response.status === 202) throw new MailSent();
    return body(answer);
  }

  /**
   * Asks for a mail with a link to set a new password. It succeeds for every address: the answer does not show who has an account.
   * Too many requests are `quota_exceeded` (429).
   */
  async requestPasswordReset(email: string, options: CallOptions = {}): Promise<void> {
    await this.#publicApi.POST("/password-resets", { body: { email }, ...init(options) });
  }

  /**
   * Sets a new password with the token from the link in a mail, and ends all sessions. A token that was used, replaced by a newer
   * mail, or is older than 30 minutes is `invalid_email_token` (403). After a bad password (`validation`), it can be used again.
   */
  async resetPassword(token: string, password: string, options: CallOptions = {}): Promise<void> {
    await this.#publicApi.POST("/password-resets/complete", { body: { token, new_password: password }, ...init(options) });
  }

  /**
   * Confirms the address of an account, of a sign-up or of a change of address, with the token from the link in a mail. A token that
   * is not valid any more is `invalid_email_token` (403). If another account has the address now, the problem is `email_taken` (409).
   */
  async confirmEmail(token: string, options: CallOptions = {}): Promise<void> {
    await this.#publicApi.POST("/email-verifications/complete", { body: { token }, ...init(options) });
  }

  /**
   * Starts a session and uses it from now on. A wrong password and an unknown address are both `invalid_credentials` (403). The
   * right password of a suspended account is `account_suspended` (403). Too many failures are `quota_exceeded` (429) with the
   * seconds to wait in {@link Problem.retryAfter}.
   */
  async login(credentials: Credentials, options: CallOptions = {}): Promise<void> {
    const began = Date.now();
    const answer = body(await this.#publicApi.POST("/login", {
      headers: form,
      body: { username: credentials.email, password: credentials.password },
      ...init(options),
    }));
    await this.#authenticator.replace(tokensFrom(answer, began));
  }

  /**
   * Ends the session and forgets its tokens. The tokens are forgotten even if the server cannot be reached. Then the call
   * rejects, and the session lives on until it expires or another session ends it.
   */
  async logout(options: CallOptions = {}): Promise<void> {
    const tokens = await this.#authenticator.tokens();
    if (tokens === undefined) return;
    await this.#authenticator.replace(undefined);
    // The refresh token suffices, and it lives longer than the access token.
    const request = { headers: form, body: { refresh_token: tokens.refreshToken }, ...init(options) };
    const send = (sent: Request) => this.#transport.send(sent, { repeatable: true });
    await this.#publicApi.POST("/logout", { ...request, fetch: send });
  }

  /** Whether there are tokens. The server may have ended their session already. */
  async isLoggedIn(): Promise<boolean> {
    return await this.#authenticator.tokens() !== undefined;
  }

  async #sendAuthenticated(request: Request, options: SendOptions = {}): Promise<Response> {
    const token = await this.#authenticator.accessToken(request.signal);
    if (token === undefined) return this.#transport.send(request, options);
    authorize(request, token);
    try {
      return await this.#transport.send(request, options);
    } catch (error) {
      if (!(error instanceof Problem && error.code === "invalid_token")) throw error;
      const next = await this.#authenticator.accessTokenAfter(token, request.signal);
      if (next === undefined) throw error;
      authorize(request, next);
      return this.#transport.send(request, options);
    }
  }
}

/** Means that {@link Postern.signUp} has created no account yet: the server has sent a mail whose link creates it. */
export class MailSent extends Error {
  override readonly name = "MailSent";

  /** @internal */
  constructor() {
    super("The account exists once the link in the mail is used.");
  }
}

const form = { "Content-Type": "application/x-www-form-urlencoded" };

function checkBaseUrl(baseUrl: string): void {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new TypeError("baseUrl must start with http:// or https://, name a host and have no query.");
  }
}

function authorize(request: Request, token: string): void {
  request.headers.set("Authorization", `Bearer ${token}`);
}

async function renew(api: Api, refreshToken: string): Promise<Tokens> {
  const began = Date.now();
  const answer = await api.POST("/token", {
    headers: form,
    body: { grant_type: "refresh_token", refresh_token: refreshToken },
  });
  return tokensFrom(body(answer), began);
}
