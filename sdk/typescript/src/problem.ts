import type { FieldProblem, OAuthErrorCode, ProblemCode } from "./types.js";

/** The members of a problem document, as far as they are present. */
interface Members {
  type?: string;
  title?: string;
  detail?: string;
  code?: ProblemCode;
  request_id?: string;
  trace_id?: string;
  errors?: FieldProblem[];
  error?: OAuthErrorCode;
}

/**
 * An answer that is not a success: a problem document (RFC 9457). `message` describes it for people, with every field. Neither
 * `message` nor any other member contains a value that was sent in a body.
 */
export class Problem extends Error {
  override readonly name = "Problem";
  /** The HTTP status. */
  readonly status: number;
  /** Identifies the problem, for programs. It is `"unknown"` if the answer is not from Postern, but from a proxy, for example. */
  readonly code: ProblemCode;
  /** Identifies the kind of problem: a URI. */
  readonly type: string;
  /** The name of the status. */
  readonly title: string;
  /** Describes the problem for people, without the fields. */
  readonly detail: string;
  /** Everything that is wrong with the request, field by field. It is empty unless `code` is `"validation"`. */
  readonly errors: readonly FieldProblem[];
  /** Identifies the request in the server's log. Mention it when you ask for help. */
  readonly requestId: string | undefined;
  /** Identifies the trace that the request belongs to (W3C Trace Context). */
  readonly traceId: string | undefined;
  /** The seconds to wait before another attempt, if the server said so. */
  readonly retryAfter: number | undefined;
  /** The OAuth 2.0 error of the token endpoint. */
  readonly oauthError: OAuthErrorCode | undefined;

  private constructor(response: Response, members: Members) {
    const detail = members.detail ?? foreign(response);
    const errors = members.errors ?? [];
    super([detail, errors.map((error) => `${place(error)} ${error.detail}`).join("; ")].join(" ").trimEnd());
    this.status = response.status;
    this.code = members.code ?? "unknown";
    this.type = members.type ?? "about:blank";
    this.title = members.title ?? response.statusText;
    this.detail = detail;
    this.errors = errors;
    this.requestId = members.request_id ?? response.headers.get("X-Request-Id") ?? undefined;
    this.traceId = members.trace_id;
    this.retryAfter = retryAfter(response.headers.get("Retry-After"));
    this.oauthError = members.error;
  }

  /**
   * The first problem with a field, or undefined if the field is valid. A field of the body is named by its JSON Pointer, such as
   * `"/email"`, any other by the name of its parameter.
   */
  field(pointerOrName: string): FieldProblem | undefined {
    return this.errors.find((error) => place(error) === pointerOrName);
  }

  /** The problem in an answer. It reads the body. */
  static async from(response: Response): Promise<Problem> {
    return new Problem(response, await members(response));
  }
}

/** Whether an answer is a page for people, which Postern's operations never give. */
export function isHtml(response: Response): boolean {
  return response.headers.get("Content-Type")?.startsWith("text/html") ?? false;
}

// Describes an answer that is not from Postern.
function foreign(response: Response): string {
  if (isHtml(response)) {
    return `The answer ${response.status} is an HTML page, so a proxy or another server sent it. Check the base URL.`;
  }
  return `The answer ${response.status} is not from Postern. Check the base URL and the proxies on the way.`;
}

function place(error: FieldProblem): string {
  return error.pointer ?? error.name ?? "";
}

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
