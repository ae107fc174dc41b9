import type { Post } from "./types.js";

/** A page of posts. */
export interface Page {
  /** The posts. Long posts can make a page shorter than `limit`. */
  readonly posts: Post[];
  /** Leads to the next page: pass it to the method that returned this one. It is opaque text that fits into an address. */
  readonly next: PageLink | undefined;
  /** Leads to the page before. */
  readonly prev: PageLink | undefined;
}

/** Leads to another page. It is opaque. */
export type PageLink = string;

/** A list of posts. Iterating reads its pages as they are needed: `for await (const post of posts)`. */
export class PostList implements AsyncIterable<Post> {
  readonly #read: (link?: PageLink) => Promise<Page>;

  /** @internal */
  constructor(read: (link?: PageLink) => Promise<Page>) {
    this.#read = read;
  }

  /** Yields every post once. Each iteration starts at the first page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Post, void, undefined> {
    for await (const page of this.pages()) yield* page.posts;
  }

  /** Yields every page once. */
  async *pages(): AsyncGenerator<Page, void, undefined> {
    let page = await this.#read();
    yield page;
    while (page.next !== undefined) {
      page = await this.#read(page.next);
      yield page;
    }
  }

  /** All posts in one array, or the first `max`. */
  async toArray(max = Infinity): Promise<Post[]> {
    const posts: Post[] = [];
    if (max <= 0) return posts;
    for await (const post of this) if (posts.push(post) >= max) break;
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

// The query of the link with that relation. Only the query is followed, so the header cannot choose the host of the next
// request, and a proxy may serve the API below another path.
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
