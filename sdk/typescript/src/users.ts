import { body, init, type Api } from "./api.js";
import type { Authenticator } from "./authenticator.js";
import { exportLines, IncompleteExport } from "./export.js";
import type { Account, AccountPatch, CallOptions, ExportLine, User } from "./types.js";

/** Other users. */
export class Users {
  readonly #publicApi: Api;

  /** @internal */
  constructor(publicApi: Api) {
    this.#publicApi = publicApi;
  }

  /** The public profile of a user. If there is none, the problem is `user_not_found` (404). */
  async get(id: number, options: CallOptions = {}): Promise<User> {
    return body(await this.#publicApi.GET("/users/{id}", { params: { path: { id } }, ...init(options) }));
  }
}

/** The account of the logged-in user. */
export class OwnAccount {
  readonly #api: Api;
  readonly #streams: Api;
  readonly #authenticator: Authenticator;

  /** @internal */
  constructor(api: Api, streams: Api, authenticator: Authenticator) {
    this.#api = api;
    this.#streams = streams;
    this.#authenticator = authenticator;
  }

  /** Your account. */
  async get(options: CallOptions = {}): Promise<Account> {
    return body(await this.#api.GET("/users/me", init(options)));
  }

  /** Changes your name. Null removes it. */
  async patch(patch: AccountPatch, options: CallOptions = {}): Promise<Account> {
    const headers = { "Content-Type": "application/merge-patch+json" };
    return body(await this.#api.PATCH("/users/me", { headers, body: patch, ...init(options) }));
  }

  /**
   * All your data as it was at one moment: the account, the posts, the votes and the sessions, read as they are needed. If the
   * iteration ends without an error, the export is complete. It throws an {@link IncompleteExport} if a part is missing: discard
   * what was read and try again. If another export of yours is running, the problem is `export_running` (429).
   *
   * The server ends an export that pauses for more than a few seconds: save the lines first if their use takes long. The timeout
   * of the client counts from line to line. Ignore lines of unknown types.
   */
  async *export(options: CallOptions = {}): AsyncGenerator<ExportLine, void, undefined> {
    const answer = await this.#streams.GET("/users/me/export", { parseAs: "stream", ...init(options) });
    const stream = body(answer);
    if (stream === null) throw new IncompleteExport();
    yield* exportLines(stream, options.signal);
  }

  /**
   * Replaces the password and ends all other sessions. A wrong current password is `invalid_credentials` (403). After a lost
   * answer the call is not repeated: log in with the new password to find out.
   */
  async changePassword(current: string, next: string, options: CallOptions = {}): Promise<void> {
    await this.#api.PUT("/users/me/password", {
      body: { current_password: current, new_password: next },
      ...init(options),
    });
  }

  /** Asks for a mail with a link that confirms your address. If it is confirmed, no mail is sent. */
  async requestConfirmation(options: CallOptions = {}): Promise<void> {
    await this.#api.POST("/users/me/email-verification", init(options));
  }

  /**
   * Asks for a mail to a new address with a link that confirms it. The account has the new address once the link is used. A wrong
   * password is `invalid_credentials` (403). A taken address is no error: the mail says so.
   */
  async changeEmail(password: string, email: string, options: CallOptions = {}): Promise<void> {
    await this.#api.PUT("/users/me/email", { body: { current_password: password, email }, ...init(options) });
  }

  /**
   * Deletes your account, posts, votes and sessions, and forgets the tokens. If you logged in more than 10 minutes ago, the
   * problem is `reauthentication_required` (403): log in again first.
   */
  async delete(options: CallOptions = {}): Promise<void> {
    await this.#api.DELETE("/users/me", init(options));
    await this.#authenticator.replace(undefined);
  }
}
