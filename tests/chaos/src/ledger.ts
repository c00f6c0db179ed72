import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { NewHistoryEvent } from "./history-event.js";

/** What the files of a history end in; other files of the folder are none of it. */
export const LEDGER_SUFFIX = ".jsonl";

/**
 * A process's own file of events. Each is written with one synchronous call, to a file that only grows, before the
 * process goes on, so that SIGKILL at any point leaves a file that is true but for a last line that may be cut off.
 *
 * Times are taken from the machine's monotonic clock, which all its processes share and no step of a wall clock moves:
 * `epoch` (see {@link measureEpoch}) turns it into milliseconds since the epoch.
 */
export class Ledger {
  readonly #file: number;
  readonly #epoch: number;

  constructor(folder: string, processName: string, epoch: number) {
    this.#file = openSync(join(folder, `${processName}${LEDGER_SUFFIX}`), "a");
    this.#epoch = epoch;
  }

  /** The time by which events are noted. */
  now(): number {
    return Math.round((this.#epoch + monotonicMs()) * 1_000) / 1_000;
  }

  write(event: NewHistoryEvent): void {
    writeSync(this.#file, `${JSON.stringify({ ...event, t: this.now() })}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The wall clock's lead over the monotonic clock at this moment, in milliseconds. */
export function measureEpoch(): number {
  return performance.timeOrigin + performance.now() - monotonicMs();
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
