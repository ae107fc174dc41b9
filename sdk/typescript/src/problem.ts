import type { FieldProblem, OAuthErrorCode, ProblemCode } from "./types.js";

/** The members of a problem document, as far as they were there. */
interface Members {
  type?: string;
  title?: string;
  detail?: string;
  code?: ProblemCode;
  request_id?: string;
  errors?: FieldProblem[];
  error?: OAuthErrorCode;
}

/**
 * An answer that is not a success: a problem document (RFC 9457). Every call rejects with one when the server refused it.
 * No member ever holds a value that was sent in a body.
 */
export class Problem extends Error {
  override readonly name = "Problem";
  /** The HTTP status. */
  readonly status: number;
  /** What went wrong, for programs; `"unknown"` when something else than Postern answered, such as a proxy. */
  readonly code: ProblemCode | "unknown";
  /** Names the kind of problem: a URI. */
  readonly type: string;
  /** The status in words. */
  readonly title: string;
  /** What is wrong, for people; the same as `message`. */
  readonly detail: string;
  /** Everything that is wrong with the request, field by field; empty unless `code` is `"validation"`. */
  readonly errors: readonly FieldProblem[];
  /** The request in the server's log; say it when you ask for help. */
  readonly requestId: string | undefined;
  /** The seconds to wait before another try, where the server said so. */
  readonly retryAfter: number | undefined;
  /** At the token endpoint: the error of OAuth 2.0. */
  readonly oauthError: OAuthErrorCode | undefined;

  private constructor(response: Response, members: Members) {
    const detail = members.detail ?? `The server answered ${response.status}.`;
    super(detail);
    this.status = response.status;
    this.code = members.code ?? "unknown";
    this.type = members.type ?? "about:blank";
    this.title = members.title ?? response.statusText;
    this.detail = detail;
    this.errors = members.errors ?? [];
    this.requestId = members.request_id ?? response.headers.get("X-Request-Id") ?? undefined;
    this.retryAfter = retryAfter(response.headers.get("Retry-After"));
    this.oauthError = members.error;
  }

  /** The problem that an answer is. It reads the body. */
  static async from(response: Response): Promise<Problem> {
    return new Problem(response, await members(response));
  }
}

// A body that is no problem document, such as a proxy's page, says nothing that programs could use.
async function members(response: Response): Promise<Members> {
  try {
    const body: unknown = await response.json();
    return isProblem(body) ? body : {};
  } catch {
    return {};
  }
}

function isProblem(body: unknown): body is Members {
  return typeof body === "object" && body !== null
    && "code" in body && typeof body.code === "string"
    && "detail" in body && typeof body.detail === "string"
    && (!("errors" in body) || Array.isArray(body.errors));
}

/** Whole seconds from a Retry-After header, which holds seconds or a date (RFC 9110, section 10.2.3). */
function retryAfter(header: string | null): number | undefined {
  if (header === null || header === "") return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
