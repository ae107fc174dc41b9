import { body, init, type Api } from "./api.js";
import type { Authenticator } from "./authenticator.js";
import type { Account, AccountPatch, CallOptions, User } from "./types.js";

/** Look people up. */
export class Users {
  readonly #publicApi: Api;

  /** @internal */
  constructor(publicApi: Api) {
    this.#publicApi = publicApi;
  }

  /** What everyone may know of a user; `user_not_found` (404) if there is none. */
  async get(id: number, options: CallOptions = {}): Promise<User> {
    return body(await this.#publicApi.GET("/users/{id}", { params: { path: { id } }, ...init(options) }));
  }
}

/** The account that is logged in. */
export class OwnAccount {
  readonly #api: Api;
  readonly #authenticator: Authenticator;

  /** @internal */
  constructor(api: Api, authenticator: Authenticator) {
    this.#api = api;
    this.#authenticator = authenticator;
  }

  /** Your account. */
  async get(options: CallOptions = {}): Promise<Account> {
    return body(await this.#api.GET("/users/me", init(options)));
  }

  /** Changes your name; null removes it. */
  async patch(patch: AccountPatch, options: CallOptions = {}): Promise<Account> {
    const headers = { "Content-Type": "application/merge-patch+json" };
    return body(await this.#api.PATCH("/users/me", { headers, body: patch, ...init(options) }));
  }

  /**
   * Replaces the password and ends all other sessions. A wrong current password is `invalid_credentials` (403). It is not
   * repeated when the answer is lost: log in with the new password to see.
   */
  async changePassword(current: string, next: string, options: CallOptions = {}): Promise<void> {
    await this.#api.PUT("/users/me/password", {
      body: { current_password: current, new_password: next },
      ...init(options),
    });
  }

  /**
   * Removes your account, your posts and your sessions for good, and forgets the tokens. Only within 10 minutes of a log-in;
   * after that it is `reauthentication_required` (403).
   */
  async delete(options: CallOptions = {}): Promise<void> {
    await this.#api.DELETE("/users/me", init(options));
    await this.#authenticator.replace(undefined);
  }
}
