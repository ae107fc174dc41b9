import type { components, operations } from "./schema.js";

type Schemas = components["schemas"];

/** What everyone may know of a user. */
export type User = Schemas["User"];
/** A user as its owner sees it: with the e-mail address. */
export type Account = Schemas["Account"];
/** What a person signs up with. */
export type Registration = Schemas["Registration"];
/** What is to change of an account; `name: null` removes the name. */
export type AccountPatch = Schemas["AccountPatch"];

/** One log-in of yours. */
export type Session = Schemas["Session"];

/** A post. */
export type Post = Schemas["Post"];
/** What an author says of a post; `published` is true when left out. */
export type PostInput = Schemas["PostInput"];
/** What is to change of a post (RFC 7396): what is left out stays as it is. */
export type PostPatch = Schemas["PostPatch"];
/** Which posts {@link Posts.list} gives, and in which order. Times are RFC 3339. */
export type PostFilter = Omit<NonNullable<operations["ListPosts"]["parameters"]["query"]>, "cursor">;
/** Which of your own posts {@link Posts.listOwn} gives. */
export type OwnPostFilter = Omit<NonNullable<operations["ListOwnPosts"]["parameters"]["query"]>, "cursor">;

/** What went wrong, for programs. Stable; later servers may add some. */
export type ProblemCode = Schemas["ProblemCode"];
/** What is wrong with one field. It never holds the value that was sent. */
export type FieldProblem = Schemas["FieldProblem"];
/** What went wrong, for OAuth clients (RFC 6749, section 5.2). */
export type OAuthErrorCode = Schemas["OAuthErrorCode"];

/** What every call takes besides its own arguments. */
export interface CallOptions {
  /**
   * Ends the call, its repeats and its waits; the call then rejects with the signal's reason. What was sent may have been
   * done all the same.
   */
  readonly signal?: AbortSignal | undefined;
}
