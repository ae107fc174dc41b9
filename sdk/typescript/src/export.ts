import type { ExportLine } from "./types.js";

/** An export ended before its last line. Discard what was read, and export again. `cause` is the reason, if it is known. */
export class IncompleteExport extends Error {
  override readonly name = "IncompleteExport";

  /** @internal */
  constructor(cause?: unknown) {
    super("The export is incomplete.", cause === undefined ? undefined : { cause });
  }
}

/** The longest line, in characters. The longest post is shorter. */
const maxLine = 4 << 20;

/** The lines of an export, without the last one, which says that it is complete. */
export async function* exportLines(
  body: ReadableStream<Uint8Array>, signal: AbortSignal | undefined,
): AsyncGenerator<ExportLine, void, undefined> {
  let count = 0;
  for await (const text of textLines(body, signal)) {
    const line = parse(text);
    if (line.type !== "end") {
      yield line;
      count++;
    } else if (line.lines === count) {
      return;
    } else {
      throw new IncompleteExport(new Error(`It has ${count} of ${line.lines} lines.`));
    }
  }
  throw new IncompleteExport();
}

function parse(text: string): ExportLine | { type: "end"; lines: number } {
  try {
    return JSON.parse(text) as ExportLine;
  } catch (error) {
    throw new IncompleteExport(error);
  }
}

async function* textLines(body: ReadableStream<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        signal?.throwIfAborted();
        throw new IncompleteExport(error);
      });
      const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
      if (rest.length > maxLine) throw new IncompleteExport(new Error("A line is too long."));
      if (done) break;
    }
    if (rest !== "") yield rest;
  } finally {
    await reader.cancel().catch(() => undefined); // the reader may have stopped early
  }
}
