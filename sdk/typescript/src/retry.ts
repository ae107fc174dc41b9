import { Problem } from "./problem.js";

/** How often and after which waits a request is repeated. */
export interface RetryPolicy {
  /** How often a request is sent at most, the first time included; 1 never repeats. 4 by default. */
  readonly attempts?: number;
  /** The bound of the first wait, in milliseconds; each is twice the one before. 250 by default. */
  readonly firstDelay?: number;
  /** No wait is longer than this many milliseconds: a longer `Retry-After` is left to you. 20,000 by default. */
  readonly maxDelay?: number;
}

/** What is assumed where a policy says nothing. */
export const defaultRetryPolicy: Required<RetryPolicy> = { attempts: 4, firstDelay: 250, maxDelay: 20_000 };

/** What a failure says of the request that met it. */
export type Outcome = "refused" | "busy" | "undone" | "unknown";

/**
 * Says what became of a failed request:
 * - `refused`: it will be again, do not repeat it;
 * - `busy`: nothing was done, and it was asked for too much or too early;
 * - `undone`: nothing was done, through no fault of the request;
 * - `unknown`: it may have been done.
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
 * Whether a request has the same effect, and the same answer, when it is done twice. A condition is not: after its own
 * effect it is no longer true. Nor is a change of password, or the end of an account: its own effect refuses the repeat.
 */
export function isRepeatable(request: Request): boolean {
  if (request.headers.has("Idempotency-Key")) return true;
  if (request.headers.has("If-Match")) return false;
  if (/\/users\/me(\/password)?$/.test(new URL(request.url).pathname)) return request.method === "GET";
  return ["GET", "HEAD", "PUT", "DELETE"].includes(request.method);
}

/** The milliseconds to wait before attempt number `attempt` + 1, or undefined to give up. */
export function delay(policy: Required<RetryPolicy>, attempt: number, failure: unknown, repeatable: boolean): number | undefined {
  const became = outcome(failure);
  if (attempt >= policy.attempts || became === "refused") return undefined;
  if (became !== "undone" && !repeatable) return undefined;
  const asked = failure instanceof Problem ? (failure.retryAfter ?? 0) * 1000 : 0;
  if (asked > policy.maxDelay) return undefined;
  // Full jitter: clients that failed together do not come back together.
  const backoff = Math.random() * Math.min(policy.maxDelay, policy.firstDelay * 2 ** (attempt - 1));
  return Math.min(policy.maxDelay, asked + backoff);
}

/** Resolves after `milliseconds`; rejects with the signal's reason as soon as that is aborted. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = () => { clearTimeout(timer); reject(signal.reason as unknown); };
    const timer = setTimeout(() => { signal.removeEventListener("abort", abort); resolve(); }, milliseconds);
    signal.addEventListener("abort", abort, { once: true });
  });
}
