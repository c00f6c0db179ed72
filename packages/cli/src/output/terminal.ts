import type { Readable, Writable } from "node:stream";
import { type Paint, painter, usesColor } from "./color.js";

/** What a command sees of the process around it; tests pass their own. */
export interface Surroundings {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

/**
 * Where a command writes: data to stdout, everything else to stderr. A reader that went away (`chicory queues | head`)
 * ends the output, not the process in an error.
 */
export class Terminal {
  readonly paint: Paint;
  /** Whether a person sits there who can answer a question. */
  readonly isInteractive: boolean;
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    const { stdout, stderr, stdin, env } = surroundings;
    this.#surroundings = surroundings;
    this.paint = painter(usesColor({ env, isTerminal: stdout.isTTY === true }));
    this.isInteractive = stdin.isTTY === true && stderr.isTTY === true;
    // Without a listener the first write to a closed pipe would be an uncaught exception.
    for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  }

  /** Writes data and resolves when it is out, or nobody reads any more. */
  async print(text: string): Promise<void> {
    await this.#write(this.#surroundings.stdout, text);
  }

  /** Writes one JSON document. */
  async printJson(document: object): Promise<void> {
    await this.print(`${JSON.stringify(document, null, 2)}\n`);
  }

  /** Writes something for the person, not for a program that reads the output. */
  async note(text: string): Promise<void> {
    await this.#write(this.#surroundings.stderr, text);
  }

  /** Resolves when what was written is out, so that the process may be ended. */
  async flush(): Promise<void> {
    await Promise.all([this.print(""), this.note("")]);
  }

  async #write(stream: Writable, text: string): Promise<void> {
    if (stream.destroyed || stream.errored !== null) return;
    // Called with an error as well, which the listener above has seen.
    await new Promise<void>((resolve) => {
      stream.write(text, () => resolve());
    });
  }
}
