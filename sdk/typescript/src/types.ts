import type { components, operations } from "./schema.js";

type Schemas = components["schemas"];

/** The public profile of a user. */
export type User = Schemas["User"];
/** An account, visible to its owner only. */
export type Account = Schemas["Account"];
/** A new account. */
export type Registration = Schemas["Registration"];
/** A change of an account. `name: null` removes the name. */
export type AccountPatch = Schemas["AccountPatch"];

/** A session of yours. */
export type Session = Schemas["Session"];

/** A line of an export. A newer server may send other types: ignore them. */
export type ExportLine =
  | { readonly type: "account"; readonly account: Account }
  | { readonly type: "post"; readonly post: Post }
  | { readonly type: "vote"; readonly vote: Schemas["ExportedVote"] }
  | { readonly type: "session"; readonly session: Session };

/** A post. Its `etag` names the version that you read. */
export type Post = Schemas["Post"];
/** A post to write. `published` is true if absent. */
export type PostInput = Schemas["PostInput"];
/** A change of a post (RFC 7396). Absent members stay as they are. */
export type PostPatch = Schemas["PostPatch"];
/** Selects and orders the posts of {@link Posts.list}. Times are RFC 3339. */
export type PostFilter = Omit<NonNullable<operations["ListPosts"]["parameters"]["query"]>, "cursor">;
/** Selects the posts of {@link Posts.listOwn}. */
export type OwnPostFilter = Omit<NonNullable<operations["ListOwnPosts"]["parameters"]["query"]>, "cursor">;

/** Identifies a problem, for programs. These codes are known; a newer server may send others. */
export type ProblemCode = Schemas["ProblemCode"];
/** What is wrong with one field. It never contains the value. */
export type FieldProblem = Schemas["FieldProblem"];
/** An OAuth 2.0 error (RFC 6749, section 5.2). */
export type OAuthErrorCode = Schemas["OAuthErrorCode"];

/** Options of every call. */
export interface CallOptions {
  /**
   * Ends the call, its retries and its waits. The call then rejects with the signal's reason. The server may have carried out
   * the request.
   */
  readonly signal?: AbortSignal | undefined;
}
