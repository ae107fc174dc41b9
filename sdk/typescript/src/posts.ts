import { body, init, type Api } from "./api.js";
import { pageFrom, PostList, type Page, type PageLink } from "./pages.js";
import { Problem } from "./problem.js";
import type { CallOptions, OwnPostFilter, Post, PostFilter, PostInput, PostPatch } from "./types.js";

/** A post, and the name of the state that it was in. */
export interface PostState {
  readonly post: Post;
  /** The `ETag`: hand it on as `ifMatch` to change the post only if nobody else did meanwhile. */
  readonly etag: string;
}

/** What a new post is made with. */
export interface CreateOptions extends CallOptions {
  /**
   * Names the request for 24 hours: the same key and post give the same answer, and one post. A random one by default, which
   * covers the repeats of this call; give your own to cover a restart of your program.
   */
  readonly idempotencyKey?: string | undefined;
}

/** What a post is changed with. */
export interface ChangeOptions extends CallOptions {
  /**
   * Change the post only if it still is in this state; otherwise the call rejects with `precondition_failed` (412). Such a
   * call is not repeated when its answer is lost, because after its own effect it would be refused.
   */
  readonly ifMatch?: string | undefined;
}

/** How many times {@link Posts.update} tries. */
const mostEdits = 10;

/** Write and read posts. */
export class Posts {
  readonly #api: Api;
  readonly #publicApi: Api;

  /** @internal */
  constructor(api: Api, publicApi: Api) {
    this.#api = api;
    this.#publicApi = publicApi;
  }

  /** Published posts, newest first unless `order` says otherwise, as many as there are: pages are read as they are needed. */
  list(filter: PostFilter = {}, options: CallOptions = {}): PostList {
    return new PostList((link) => this.page(link ?? filter, options));
  }

  /** One page of published posts: the first of a filter, or the one that a link leads to. */
  async page(from: PostFilter | PageLink = {}, options: CallOptions = {}): Promise<Page> {
    const result = await this.#publicApi.GET("/posts", { ...queryOf(from), ...init(options) });
    return pageFrom(body(result), result.response);
  }

  /** Your own posts, drafts too, newest first. */
  listOwn(filter: OwnPostFilter = {}, options: CallOptions = {}): PostList {
    return new PostList((link) => this.pageOwn(link ?? filter, options));
  }

  /** One page of your own posts. */
  async pageOwn(from: OwnPostFilter | PageLink = {}, options: CallOptions = {}): Promise<Page> {
    const result = await this.#api.GET("/users/me/posts", { ...queryOf(from), ...init(options) });
    return pageFrom(body(result), result.response);
  }

  /** A post. Drafts are there for their owner alone; for everyone else, `post_not_found` (404). */
  async get(id: number, options: CallOptions = {}): Promise<PostState> {
    return stateFrom(await this.#api.GET("/posts/{id}", { params: { path: { id } }, ...init(options) }));
  }

  /** The post if it is no longer in the state named by `etag`; undefined if it is. */
  async getIfChanged(id: number, etag: string, options: CallOptions = {}): Promise<PostState | undefined> {
    const params = { path: { id }, header: { "If-None-Match": etag } };
    const result = await this.#api.GET("/posts/{id}", { params, ...init(options) });
    return result.response.status === 304 ? undefined : stateFrom(result);
  }

  /** Adds a post: once, however often the request has to be sent. */
  async create(input: PostInput, options: CreateOptions = {}): Promise<PostState> {
    const header = { "Idempotency-Key": options.idempotencyKey ?? randomKey() };
    return stateFrom(await this.#api.POST("/posts", { params: { header }, body: input, ...init(options) }));
  }

  /** Replaces a post of yours as a whole. Without `ifMatch` the last writer wins. */
  async replace(id: number, input: PostInput, options: ChangeOptions = {}): Promise<PostState> {
    return stateFrom(await this.#api.PUT("/posts/{id}", { params: on(id, options), body: input, ...init(options) }));
  }

  /** Changes what the patch names of a post of yours. Without `ifMatch` the last writer wins. */
  async patch(id: number, patch: PostPatch, options: ChangeOptions = {}): Promise<PostState> {
    const headers = { "Content-Type": "application/merge-patch+json" };
    return stateFrom(await this.#api.PATCH("/posts/{id}", { params: on(id, options), headers, body: patch, ...init(options) }));
  }

  /**
   * Reads a post of yours, asks `edit` what is to change, and changes that: no edit of anyone's is lost. When somebody else
   * was faster, it begins again, up to ten times. It rejects with `precondition_failed` (412) at once when nobody was: then
   * something between must have spoilt the `ETag`. `edit` may return undefined to leave the post as it is.
   */
  async update(
    id: number,
    edit: (post: Post) => PostPatch | undefined | Promise<PostPatch | undefined>,
    options: CallOptions = {},
  ): Promise<PostState> {
    let refused: { problem: Problem; version: number } | undefined;
    for (let edits = 1; ; edits++) {
      const state = await this.get(id, options);
      if (state.post.version === refused?.version) throw refused?.problem;
      const patch = await edit(state.post);
      if (patch === undefined) return state;
      try {
        return await this.patch(id, patch, { ...options, ifMatch: state.etag });
      } catch (error) {
        if (!(error instanceof Problem && error.status === 412) || edits >= mostEdits) throw error;
        refused = { problem: error, version: state.post.version };
      }
    }
  }

  /** Removes a post of yours for good. */
  async delete(id: number, options: ChangeOptions = {}): Promise<void> {
    await this.#api.DELETE("/posts/{id}", { params: on(id, options), ...init(options) });
  }

  /** Counts your vote for a post, once however often it is sent. */
  async vote(id: number, options: CallOptions = {}): Promise<void> {
    await this.#api.PUT("/posts/{id}/vote", { params: { path: { id } }, ...init(options) });
  }

  /** Takes your vote back, if there is one. */
  async withdrawVote(id: number, options: CallOptions = {}): Promise<void> {
    await this.#api.DELETE("/posts/{id}/vote", { params: { path: { id } }, ...init(options) });
  }
}

// A link is the whole query, as the server wrote it.
function queryOf<Filter extends object>(from: Filter | PageLink): { params: { query: Filter } } | { querySerializer: () => string } {
  return typeof from === "string" ? { querySerializer: () => from } : { params: { query: from } };
}

function on(id: number, options: ChangeOptions): { path: { id: number }; header: { "If-Match"?: string } } {
  return { path: { id }, header: options.ifMatch === undefined ? {} : { "If-Match": options.ifMatch } };
}

function stateFrom(result: { data?: Post; response: Response }): PostState {
  return { post: body(result), etag: result.response.headers.get("ETag") ?? "" };
}

// Not randomUUID, which browsers keep from pages without TLS.
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (octet) => octet.toString(16).padStart(2, "0")).join("");
}
