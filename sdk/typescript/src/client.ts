import { body, createApi, init, type Api } from "./api.js";
import { Authenticator } from "./authenticator.js";
import { Posts } from "./posts.js";
import { Problem } from "./problem.js";
import { defaultRetryPolicy, type RetryPolicy } from "./retry.js";
import { Sessions } from "./sessions.js";
import { tokensFrom, type Tokens, type TokenStore } from "./tokens.js";
import { Transport } from "./transport.js";
import type { Account, CallOptions, Registration } from "./types.js";
import { OwnAccount, Users } from "./users.js";

/** What a {@link Postern} is made with. */
export interface PosternOptions {
  /** Where the service is, such as `https://api.example`; a path in it goes before every path of the contract. */
  readonly baseUrl: string;
  /** Keeps the tokens from one run or page to the next. Without one they are forgotten with the client. */
  readonly tokens?: TokenStore;
  /** How many milliseconds each attempt of a request may take, its answer read to the end. 30,000 by default. */
  readonly timeout?: number;
  /** When and how often requests are repeated. */
  readonly retry?: RetryPolicy;
  /** What to send requests with; the platform's `fetch` by default. */
  readonly fetch?: typeof globalThis.fetch;
}

/** What a person logs in with. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

// For 30 seconds a refresh can be asked for again; after that, it would end the session. So the last repeat begins, and
// ends, well before.
const refresh = { repeatable: true, repeatWithin: 15_000, timeout: 10_000 };

/**
 * A client of one Postern service for one user, logged in or not. It keeps the session alive by itself: it gets new tokens
 * shortly before the old ones expire, or when the server no longer takes them, once for all calls that wait.
 *
 * Calls reject with a {@link Problem} when the server refuses, with the reason of their `signal` when that is aborted, with a
 * `DOMException` named `TimeoutError` when there is no answer in time, and with what `fetch` rejects with (a `TypeError`)
 * when there is no connection. Before that, what can safely be repeated is.
 */
export class Postern {
  /** Write and read posts, and vote. */
  readonly posts: Posts;
  /** See where you are logged in, and end that. */
  readonly sessions: Sessions;
  /** The account that is logged in. */
  readonly account: OwnAccount;
  /** Look people up. */
  readonly users: Users;
  /** Every operation of the contract, typed, with the same tokens, repeats and errors. */
  readonly api: Api;
  readonly #publicApi: Api;
  readonly #authenticator: Authenticator;
  readonly #transport: Transport;

  constructor(options: PosternOptions) {
    this.#transport = new Transport({
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      timeout: options.timeout ?? 30_000,
      retry: { ...defaultRetryPolicy, ...options.retry },
    });
    this.#publicApi = createApi(options.baseUrl, (request) => this.#transport.send(request));
    const tokenApi = createApi(options.baseUrl, (request) =>
      this.#transport.send(request, { ...refresh, timeout: Math.min(refresh.timeout, options.timeout ?? Infinity) }));
    this.#authenticator = new Authenticator(options.tokens, (refreshToken) => renew(tokenApi, refreshToken));
    this.api = createApi(options.baseUrl, (request) => this.#sendAuthenticated(request));
    this.posts = new Posts(this.api, this.#publicApi);
    this.sessions = new Sessions(this.api);
    this.account = new OwnAccount(this.api, this.#authenticator);
    this.users = new Users(this.#publicApi);
  }

  /** Makes an account. It does not log in. A taken address is `email_taken` (409), a bad password `validation` (422). */
  async signUp(registration: Registration, options: CallOptions = {}): Promise<Account> {
    return body(await this.#publicApi.POST("/users", { body: registration, ...init(options) }));
  }

  /**
   * Begins a session and uses it from now on. A wrong password and an unknown address are both `invalid_credentials` (403),
   * too many of them `quota_exceeded` (429) with the seconds to wait in {@link Problem.retryAfter}.
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
   * Ends the session and forgets its tokens. They are forgotten even if it rejects because the server could not be told; then
   * the session lives on until it expires, or is ended from another one.
   */
  async logout(options: CallOptions = {}): Promise<void> {
    const tokens = await this.#authenticator.tokens();
    if (tokens === undefined) return;
    await this.#authenticator.replace(undefined);
    // The refresh token is proof enough, and good for longer than the access token.
    const request = { headers: form, body: { refresh_token: tokens.refreshToken }, ...init(options) };
    const send = (sent: Request) => this.#transport.send(sent, { repeatable: true });
    await this.#publicApi.POST("/logout", { ...request, fetch: send });
  }

  /** Whether there are tokens to use. The server may have ended their session all the same. */
  async isLoggedIn(): Promise<boolean> {
    return await this.#authenticator.tokens() !== undefined;
  }

  async #sendAuthenticated(request: Request): Promise<Response> {
    const token = await this.#authenticator.accessToken(request.signal);
    if (token === undefined) return this.#transport.send(request);
    authorize(request, token);
    try {
      return await this.#transport.send(request);
    } catch (error) {
      if (!(error instanceof Problem && error.code === "invalid_token")) throw error;
      const next = await this.#authenticator.accessTokenAfter(token, request.signal);
      if (next === undefined) throw error;
      authorize(request, next);
      return this.#transport.send(request);
    }
  }
}

const form = { "Content-Type": "application/x-www-form-urlencoded" };

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
