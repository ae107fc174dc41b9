import { body, init, type Api } from "./api.js";
import { pageFrom, PostList, type Page, type PageLink } from "./pages.js";
import { Problem } from "./problem.js";
import type { CallOptions, OwnPostFilter, Post, PostFilter, PostInput, PostPatch } from "./types.js";

/** The `ifMatch` that overwrites or deletes a post whatever its version. The last writer wins. */
export const anyVersion = "*";

/** Options of {@link Posts.create}. */
export interface CreateOptions extends CallOptions {
  /**
   * Names the request for 24 hours: the same key with the same post gives the same answer, and one post. It is random by default,
   * which covers the retries of this call. Give your own to cover a restart of your program.
   */
  readonly idempotencyKey?: string | undefined;
}

/** Options of a change to a post. */
export interface ChangeOptions extends CallOptions {
  /**
   * The `etag` of the post that you read. If the post has changed since, the call rejects with `precondition_failed` (412).
   * {@link anyVersion} overwrites every version. An empty one rejects with a `TypeError`, and nothing is sent.
   *
   * A call with an `etag` is not repeated after a lost answer: if it took effect, the server would refuse the repeat.
   */
  readonly ifMatch: string;
}

/** How many times {@link Posts.update} tries. */
const maxEdits = 10;

/** Write and read posts. */
export class Posts {
  readonly #api: Api;

  /** @internal */
  constructor(api: Api) {
    this.#api = api;
  }

  /**
   * All published posts, newest first unless `order` says otherwise. Pages are read as they are needed. When you are logged in,
   * `voted` of each post says whether you vote for it. Otherwise it is absent.
   */
  list(filter: PostFilter = {}, options: CallOptions = {}): PostList {
    return new PostList((link) => this.page(link ?? filter, options));
  }

  /** One page of published posts, as in {@link list}: the first page of a filter, or the page of a link. */
  async page(from: PostFilter | PageLink = {}, options: CallOptions = {}): Promise<Page> {
    const result = await this.#api.GET("/posts", { ...queryOf(from), ...init(options) });
    return pageFrom(body(result), result.response);
  }

  /** Your own posts, drafts too, but not those that the operator has hidden. Newest first. */
  listOwn(filter: OwnPostFilter = {}, options: CallOptions = {}): PostList {
    return new PostList((link) => this.pageOwn(link ?? filter, options));
  }

  /** One page of your own posts. */
  async pageOwn(from: OwnPostFilter | PageLink = {}, options: CallOptions = {}): Promise<Page> {
    const result = await this.#api.GET("/users/me/posts", { ...queryOf(from), ...init(options) });
    return pageFrom(body(result), result.response);
  }

  /**
   * A published post, a draft of yours, or a post of yours that the operator has hidden (then `hidden` is true). When you are logged
   * in, `voted` says whether you vote for it. If there is none, the problem is `post_not_found` (404).
   */
  async get(id: number, options: CallOptions = {}): Promise<Post> {
    return body(await this.#api.GET("/posts/{id}", { params: { path: { id } }, ...init(options) }));
  }

  /** The post if its `etag` is another one, and undefined if it is the same. */
  async getIfChanged(id: number, etag: string, options: CallOptions = {}): Promise<Post | undefined> {
    const params = { path: { id }, header: { "If-None-Match": etag } };
    const result = await this.#api.GET("/posts/{id}", { params, ...init(options) });
    return result.response.status === 304 ? undefined : body(result);
  }

  /** Creates a post. It creates one post however often the request has to be sent. */
  async create(input: PostInput, options: CreateOptions = {}): Promise<Post> {
    const header = { "Idempotency-Key": options.idempotencyKey ?? randomKey() };
    return body(await this.#api.POST("/posts", { params: { header }, body: input, ...init(options) }));
  }

  /** Replaces a post of yours. */
  async replace(id: number, input: PostInput, options: ChangeOptions): Promise<Post> {
    return body(await this.#api.PUT("/posts/{id}", { params: change(id, options), body: input, ...init(options) }));
  }

  /** Changes the members of a post of yours that the patch contains. */
  async patch(id: number, patch: PostPatch, options: ChangeOptions): Promise<Post> {
    const headers = { "Content-Type": "application/merge-patch+json" };
    return body(await this.#api.PATCH("/posts/{id}", { params: change(id, options), headers, body: patch, ...init(options) }));
  }

  /**
   * Reads a post of yours, calls `edit`, and applies the patch that it returns if the post is still the version that was read.
   * Otherwise it starts again with the new version, up to ten times. No update is lost. `edit` may return undefined to leave the
   * post as it is. The call rejects with `precondition_failed` (412) at once if the `etag` fails although the version is the same.
   */
  async update(
    id: number,
    edit: (post: Post) => PostPatch | undefined | Promise<PostPatch | undefined>,
    options: CallOptions = {},
  ): Promise<Post> {
    let refused: { problem: Problem; version: number } | undefined;
    for (let edits = 1; ; edits++) {
      const post = await this.get(id, options);
      if (post.version === refused?.version) throw refused?.problem;
      const patch = await edit(post);
      if (patch === undefined) return post;
      try {
        return await this.patch(id, patch, { ...options, ifMatch: post.etag });
      } catch (error) {
        if (!(error instanceof Problem && error.status === 412) || edits >= maxEdits) throw error;
        refused = { problem: error, version: post.version };
      }
    }
  }

  /** Deletes a post of yours. */
  async delete(id: number, options: ChangeOptions): Promise<void> {
    await this.#api.DELETE("/posts/{id}", { params: change(id, options), ...init(options) });
  }

  /** Adds your vote to a post. It is idempotent. */
  async vote(id: number, options: CallOptions = {}): Promise<void> {
    await this.#api.PUT("/posts/{id}/vote", { params: { path: { id } }, ...init(options) });
  }

  /** Removes your vote. It is idempotent. */
  async withdrawVote(id: number, options: CallOptions = {}): Promise<void> {
    await this.#api.DELETE("/posts/{id}/vote", { params: { path: { id } }, ...init(options) });
  }
}

// A link is the whole query, as the server wrote it.
function queryOf<Filter extends object>(from: Filter | PageLink): { params: { query: Filter } } | { querySerializer: () => string } {
  return typeof from === "string" ? { querySerializer: () => from } : { params: { query: from } };
}

// JavaScript programs can leave ifMatch out.
function change(id: number, options: Partial<ChangeOptions> = {}): { path: { id: number }; header: { "If-Match": string } } {
  const { ifMatch = "" } = options;
  if (ifMatch.trim() === "") {
    throw new TypeError("ifMatch is empty: pass the etag of the post that you read, or anyVersion to overwrite any version.");
  }
  return { path: { id }, header: { "If-Match": ifMatch } };
}

// Not randomUUID, which browsers keep from pages without TLS.
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (octet) => octet.toString(16).padStart(2, "0")).join("");
}
