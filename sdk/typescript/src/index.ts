/**
 * The TypeScript SDK of Postern: sign up, log in, stay logged in, write and read posts. Start at {@link Postern}.
 *
 * @packageDocumentation
 */
export type { Api } from "./api.js";
export { MailSent, Postern, type Credentials, type PosternOptions } from "./client.js";
export { IncompleteExport } from "./export.js";
export { PostList, type Page, type PageLink } from "./pages.js";
export { anyVersion, type ChangeOptions, type CreateOptions, type Posts } from "./posts.js";
export { Problem } from "./problem.js";
export type { RetryPolicy } from "./retry.js";
export type { components, operations, paths } from "./schema.js";
export type { Sessions } from "./sessions.js";
export type { Tokens, TokenStore } from "./tokens.js";
export type {
  Account, AccountPatch, CallOptions, ExportLine, FieldProblem, OAuthErrorCode, OwnPostFilter, Post, PostFilter, PostInput, PostPatch,
  ProblemCode, Registration, Session, User,
} from "./types.js";
export type { OwnAccount, Users } from "./users.js";
