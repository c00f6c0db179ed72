import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { CommandError, UsageError } from "../errors/command-error.js";
import type { Surroundings } from "../output/terminal.js";

/** Most bytes of input that are read; what a message may hold is far less, and says so itself. */
const MAX_INPUT_BYTES = 64 * 1_024 * 1_024;

/** Where a task's input stands. */
export interface TaskInputArguments {
  readonly input: string | undefined;
  readonly inputFile: string | undefined;
}

/**
 * Reads a task's input from the command line, a file or stdin; undefined if none was given. Errors name the place and
 * never show what stands there.
 */
export async function readTaskInput(
  { input, inputFile }: TaskInputArguments,
  { stdin, directory }: Surroundings,
): Promise<unknown> {
  if (input !== undefined) return parse(input, "--input");
  if (inputFile === undefined) return undefined;
  if (inputFile === "-") return parse(await readAll(stdin, "stdin"), "stdin");
  const stream = createReadStream(resolve(directory, inputFile));
  return parse(await readAll(stream, inputFile), inputFile);
}

async function readAll(stream: Readable, place: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer | string>) {
      const buffer = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      bytes += buffer.length;
      if (bytes > MAX_INPUT_BYTES) throw new UsageError(`${place} holds more than ${MAX_INPUT_BYTES} bytes of input`);
      chunks.push(buffer);
    }
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    const reason = cause instanceof Error ? (Reflect.get(cause, "code") ?? cause.name) : "unknown";
    throw new UsageError(`${place} cannot be read (${String(reason)}): name a readable file, or - for stdin`, {
      cause,
    });
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    // V8's message quotes the text, and the text is a task's input: only the position is passed on.
    const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    const at = position === undefined ? "" : ` at character ${Number(position) + 1}`;
    const where = text.trim() === "" ? "is empty" : `is no JSON${at}`;
    throw new UsageError(`${place} ${where}: text needs its double quotes, as in '"text"', and so do keys`);
  }
}
