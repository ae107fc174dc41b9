import { anyVersion } from "./posts.js";
import { Problem } from "./problem.js";

/** Configures how often and how soon a failed request is repeated. */
export interface RetryPolicy {
  /** The most attempts, with the first. 1 never repeats. 4 by default. */
  readonly attempts?: number;
  /** The longest first wait in milliseconds. It doubles with each attempt. 250 by default. */
  readonly firstDelay?: number;
  /** The longest wait in milliseconds. If `Retry-After` is longer, the call rejects at once. 20,000 by default. */
  readonly maxDelay?: number;
}

/** The defaults of {@link RetryPolicy}. */
export const defaultRetryPolicy: Required<RetryPolicy> = { attempts: 4, firstDelay: 250, maxDelay: 20_000 };

/** What a failure means for its request. */
export type Outcome = "refused" | "busy" | "undone" | "unknown";

/**
 * The outcome of a failed request:
 * - `refused`: the server would refuse it again;
 * - `busy`: the server did nothing, because of too many requests;
 * - `undone`: the server did nothing, for another reason;
 * - `unknown`: the server may have carried it out.
 */
export function outcome(failure: unknown): Outcome {
  if (!(failure instanceof Problem)) return "unknown"; // no answer, or not in time
  if (failure.status === 429 || failure.code === "idempotency_in_progress") return "busy";
  if (failure.code === "search_too_slow") return "refused";
  if (failure.status === 408) return "undone";
  if (failure.status === 502 || failure.status === 504) return "unknown";
  if (failure.status !== 503) return "refused";
  return failure.code === "outcome_unknown" || failure.code === "unknown" ? "unknown" : "undone";
}

/**
 * Whether the contract promises that sending a request twice has the effect of sending it once. It is false where the second
 * request fails: a write with an `etag`, a change of password, the deletion of an account, a link from a mail.
 */
export function isRepeatable(request: Request): boolean {
  if (request.headers.has("Idempotency-Key")) return true;
  if ((request.headers.get("If-Match") ?? anyVersion) !== anyVersion) return false;
  const { pathname } = new URL(request.url);
  if (request.method === "PUT") return !pathname.endsWith("/users/me/password");
  if (request.method === "DELETE") return !pathname.endsWith("/users/me");
  return ["GET", "HEAD", "PATCH"].includes(request.method);
}

/** The milliseconds to wait after attempt number `attempt`, or undefined to give up. */
export function delay(policy: Required<RetryPolicy>, attempt: number, failure: unknown, repeatable: boolean): number | undefined {
  const became = outcome(failure);
  if (attempt >= policy.attempts || became === "refused") return undefined;
  if (became !== "undone" && !repeatable) return undefined;
  const asked = failure instanceof Problem ? (failure.retryAfter ?? 0) * 1000 : 0;
  if (asked > policy.maxDelay) return undefined;
  // A random wait, so that many clients do not come back at once.
  const backoff = Math.random() * Math.min(policy.maxDelay, policy.firstDelay * 2 ** (attempt - 1));
  return Math.min(policy.maxDelay, asked + backoff);
}

/** Resolves after `milliseconds`. Rejects with the signal's reason if it is aborted before. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = () => { clearTimeout(timer); reject(signal.reason as unknown); };
    const timer = setTimeout(() => { signal.removeEventListener("abort", abort); resolve(); }, milliseconds);
    signal.addEventListener("abort", abort, { once: true });
  });
}
