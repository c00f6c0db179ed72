import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** One fact, written by the process that knows it at the moment at which it became true. */
export type LedgerEvent =
  | { readonly kind: "send"; readonly id: string; readonly task: TaskKind; readonly eta?: number }
  | { readonly kind: "confirmed"; readonly id: string }
  | { readonly kind: "refused"; readonly id: string }
  | { readonly kind: "unknown"; readonly id: string }
  | { readonly kind: "start"; readonly id: string; readonly attempt: number; readonly at: number }
  | { readonly kind: "end"; readonly id: string; readonly attempt: number };

/** What a task of the load does, and so what is promised of it. */
export type TaskKind = "at-least-once" | "at-most-once" | "always-fails";

/**
 * A process's own file of events. Each is written with one synchronous call before the process goes on, so that
 * SIGKILL at any point leaves a file that is true.
 */
export class Ledger {
  readonly #file: number;

  constructor(folder: string, processName: string) {
    this.#file = openSync(join(folder, `${processName}.jsonl`), "a");
  }

  write(event: LedgerEvent): void {
    writeSync(this.#file, `${JSON.stringify(event)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Every event of every process; the order across processes means nothing. */
export function readLedgers(folder: string): LedgerEvent[] {
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line): LedgerEvent => JSON.parse(line)),
  );
}
