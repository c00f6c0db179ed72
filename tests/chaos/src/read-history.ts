import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type HistoryEvent, historyEventSchema } from "./history-event.js";
import { LEDGER_SUFFIX } from "./ledger.js";

/**
 * Every event of every process, in the order in which they happened. Throws, naming file and line, if a line is no
 * event: a history with holes proves nothing.
 */
export function readHistory(folder: string): HistoryEvent[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(LEDGER_SUFFIX))
    .flatMap((name) => readLedger(join(folder, name)))
    .sort((one, other) => one.t - other.t);
}

/** Every event of one process; see {@link readHistory}. */
export function readLedger(file: string): HistoryEvent[] {
  const lines = readFileSync(file, "utf8").split("\n");
  // What follows the last line break is empty, or was cut off by a kill: it never became true.
  return lines.slice(0, -1).map((line, index) => {
    try {
      return v.parse(historyEventSchema, JSON.parse(line));
    } catch (error) {
      throw new Error(`Line ${index + 1} of ${file} is no event of a history`, { cause: error });
    }
  });
}
