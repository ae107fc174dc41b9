/**
 * The TypeScript client of Postern: sign up, log in, stay logged in, write and read posts. Begin at {@link Postern}.
 *
 * @packageDocumentation
 */
export type { Api } from "./api.js";
export { Postern, type Credentials, type PosternOptions } from "./client.js";
export { PostList, type Page, type PageLink } from "./pages.js";
export type { ChangeOptions, CreateOptions, PostState, Posts } from "./posts.js";
export { Problem } from "./problem.js";
export type { RetryPolicy } from "./retry.js";
export type { components, operations, paths } from "./schema.js";
export type { Sessions } from "./sessions.js";
export type { Tokens, TokenStore } from "./tokens.js";
export type {
  Account, AccountPatch, CallOptions, FieldProblem, OAuthErrorCode, OwnPostFilter, Post, PostFilter, PostInput, PostPatch,
  ProblemCode, Registration, Session, User,
} from "./types.js";
export type { OwnAccount, Users } from "./users.js";
