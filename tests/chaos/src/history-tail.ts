import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type HistoryEvent, historyEventSchema } from "./history-event.js";
import { LEDGER_SUFFIX } from "./ledger.js";

/** Facts are kept for this long: what is asked for is the pace of the moment. */
const KEPT_MS = 5_000;

interface TailedFile {
  readonly file: number;
  offset: number;
  rest: string;
}

/** Reads a history while it is written, to see whether the load flows. Whoever makes one closes it. */
export class HistoryTail {
  readonly #folder: string;
  readonly #files = new Map<string, TailedFile>();
  #confirmed: number[] = [];
  #done: number[] = [];
  #lastFactAt = performance.now();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** For how long no process has noted anything, in milliseconds. */
  get quietMs(): number {
    return performance.now() - this.#lastFactAt;
  }

  /** How many sends were confirmed, and how many tasks were done, between two times of the history. */
  between(from: number, until: number): { readonly confirmed: number; readonly done: number } {
    const within = (times: readonly number[]) => times.filter((t) => t >= from && t < until).length;
    return { confirmed: within(this.#confirmed), done: within(this.#done) };
  }

  /** Reads what was written since the last call. */
  read(now: number): void {
    for (const name of readdirSync(this.#folder)) {
      if (!name.endsWith(LEDGER_SUFFIX)) continue;
      const known = this.#files.get(name);
      const tailed = known ?? { file: openSync(join(this.#folder, name), "r"), offset: 0, rest: "" };
      if (known === undefined) this.#files.set(name, tailed);
      this.#readOn(tailed);
    }
    this.#confirmed = this.#confirmed.filter((t) => t >= now - KEPT_MS);
    this.#done = this.#done.filter((t) => t >= now - KEPT_MS);
  }

  close(): void {
    for (const { file } of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #readOn(tailed: TailedFile): void {
    const size = fstatSync(tailed.file).size;
    if (size === tailed.offset) return;
    const bytes = Buffer.alloc(size - tailed.offset);
    readSync(tailed.file, bytes, 0, bytes.length, tailed.offset);
    tailed.offset = size;
    const lines = (tailed.rest + bytes.toString("utf8")).split("\n");
    tailed.rest = lines.pop() ?? "";
    for (const line of lines) this.#take(v.parse(historyEventSchema, JSON.parse(line)));
    this.#lastFactAt = performance.now();
  }

  #take(event: HistoryEvent): void {
    if (event.kind === "pub-ok") this.#confirmed.push(event.t);
    else if (event.kind === "run-end") this.#done.push(event.t);
  }
}
