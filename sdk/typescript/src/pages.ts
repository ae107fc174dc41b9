import type { Post } from "./types.js";

/** A page of posts. */
export interface Page {
  /** The posts; there may be fewer than `limit` where they are long, and still a next page. */
  readonly posts: Post[];
  /** Leads to the next page: hand it to the call that gave this one. Opaque text, good to keep in an address. */
  readonly next: PageLink | undefined;
  /** Leads to the page before. */
  readonly prev: PageLink | undefined;
}

/** What leads to another page. Do not build one. */
export type PageLink = string;

/** Posts, read page by page while they are iterated over: `for await (const post of posts)`. */
export class PostList implements AsyncIterable<Post> {
  readonly #read: (link?: PageLink) => Promise<Page>;

  /** @internal */
  constructor(read: (link?: PageLink) => Promise<Page>) {
    this.#read = read;
  }

  /** Every post once. Each iteration begins at the first page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Post, void, undefined> {
    for await (const page of this.pages()) yield* page.posts;
  }

  /** The same, a page at a time. */
  async *pages(): AsyncGenerator<Page, void, undefined> {
    let page = await this.#read();
    yield page;
    while (page.next !== undefined) {
      page = await this.#read(page.next);
      yield page;
    }
  }

  /** All posts in one array, or the first `most`. */
  async toArray(most = Infinity): Promise<Post[]> {
    const posts: Post[] = [];
    if (most <= 0) return posts;
    for await (const post of this) if (posts.push(post) >= most) break;
    return posts;
  }
}

/** The page in an answer. */
export function pageFrom(posts: Post[], response: Response): Page {
  const header = response.headers.get("Link");
  return { posts, next: query(header, "next"), prev: query(header, "prev") };
}

// The grammar of RFC 8288, section 3: links, and the parameters of one.
const parameter = /;\s*([^\s=;,"]+)(?:\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s",;]*)))?\s*/g;
const link = new RegExp(`<([^>]*)>\\s*((?:${parameter.source})*)`, "g");

// The query of the link with that relation. Only the query is followed: whoever wrote the header cannot choose the host
// that gets the next request, and a proxy may serve the API below another path.
function query(header: string | null, relation: string): PageLink | undefined {
  for (const [, target = "", parameters = ""] of (header ?? "").matchAll(link)) {
    for (const [, name = "", quoted, token] of parameters.matchAll(parameter)) {
      if (name.toLowerCase() !== "rel") continue;
      const relations = (quoted ?? token ?? "").toLowerCase().split(/\s+/);
      if (relations.includes(relation)) return new URL(target, "http://relative.invalid").search.slice(1);
      break; // the first rel counts
    }
  }
  return undefined;
}
