import { isHtml, Problem } from "./problem.js";
import { delay, isRepeatable, outcome, sleep, type RetryPolicy } from "./retry.js";

/** Options of a {@link Transport}. */
export interface TransportOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly timeout: number;
  readonly userAgent: string | undefined;
  readonly retry: Required<RetryPolicy>;
}

/** Options of one request. */
export interface SendOptions {
  /** Whether it may be repeated after an unknown outcome. {@link isRepeatable} decides by default. */
  readonly repeatable?: boolean;
  /** No repeat starts later than this many milliseconds after the first attempt. */
  readonly repeatWithin?: number;
  /** The longest time of each attempt, in milliseconds. */
  readonly timeout?: number;
  /** Whether the body of a success is left to be read. The timeout then counts anew for each part of the body. */
  readonly stream?: boolean;
}

/** Sends requests in bounded time, repeats them where that is safe, and throws a {@link Problem} for every error answer. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /**
   * The answer to a request, read to its end unless it is a stream: a success, or 304. Rejects with a {@link Problem}, with the reason of the
   * request's signal, with a `TimeoutError`, or with the error of `fetch` if there is no connection.
   */
  async send(request: Request, options: SendOptions = {}): Promise<Response> {
    const { repeatable = isRepeatable(request), repeatWithin = Infinity, stream = false } = options;
    const { timeout = this.#options.timeout } = options;
    const body = await request.clone().arrayBuffer();
    if (this.#options.userAgent !== undefined) request.headers.set("User-Agent", this.#options.userAgent);
    const began = performance.now();
    let maybeDone = false;
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt(request, body, timeout, stream).catch((failure: unknown) => ({ failure }));
      if (result instanceof Response) return result;
      request.signal.throwIfAborted();
      const { failure } = result;
      // An earlier attempt most likely deleted it, and the answer was lost.
      if (maybeDone && request.method === "DELETE" && isGone(failure)) return new Response(null, { status: 204 });
      const wait = delay(this.#options.retry, attempt, failure, repeatable);
      if (wait === undefined || performance.now() - began + wait > repeatWithin) throw failure;
      maybeDone ||= outcome(failure) === "unknown";
      await sleep(wait, request.signal);
    }
  }

  async #attempt(request: Request, body: ArrayBuffer, timeout: number, stream: boolean): Promise<Response> {
    const controller = new AbortController();
    const abort = () => controller.abort(request.signal.reason);
    const timer = setTimeout(() => controller.abort(timedOut(timeout)), timeout);
    request.signal.addEventListener("abort", abort);
    let streaming = false;
    try {
      request.signal.throwIfAborted();
      const response = await this.#options.fetch(request.url, {
        method: request.method,
        headers: request.headers,
        body: body.byteLength > 0 ? body : null,
        // Postern never redirects, and another server must not get passwords or tokens.
        redirect: "error",
        credentials: "omit",
        signal: controller.signal,
      });
      streaming = stream && isSuccess(response) && response.body !== null;
      return streaming ? streamed(response, timeout, controller) : await complete(response);
    } finally {
      clearTimeout(timer);
      if (!streaming) request.signal.removeEventListener("abort", abort);
    }
  }
}

// Reads the body, so that an incomplete answer fails here, where the request can be repeated.
async function complete(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  const body = await response.arrayBuffer();
  const read = new Response(body.byteLength > 0 ? body : null, { status, statusText, headers });
  if (isSuccess(read) || status === 304) return read;
  throw await Problem.from(read);
}

function isSuccess(response: Response): boolean {
  return response.ok && !isHtml(response);
}

// The same answer, with a body that fails if no part of it arrives within `timeout` milliseconds while somebody reads it.
function streamed(response: Response, timeout: number, controller: AbortController): Response {
  const reader = response.body!.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(to) {
      const timer = setTimeout(() => controller.abort(timedOut(timeout)), timeout);
      try {
        const { done, value } = await reader.read();
        if (done) to.close();
        else to.enqueue(value);
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 }); // reads only when asked
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

// Whether the server has the path of a request, but nothing there. The 404 of a proxy says nothing about that.
function isGone(failure: unknown): boolean {
  return failure instanceof Problem && failure.status === 404 && failure.code !== "unknown" && failure.code !== "not_found";
}

function timedOut(milliseconds: number): DOMException {
  return new DOMException(`There was no answer within ${milliseconds} ms.`, "TimeoutError");
}
