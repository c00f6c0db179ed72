import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryTail } from "./history-tail.js";
import type { Ledger } from "./ledger.js";

/** The load flows if within such a span of time... */
const SPAN_MS = 500;
/** ...this part of what is sent in it was confirmed, and as many executions came to an end. */
const PART = 0.5;
const LOOK_MS = 50;

/** Watches whether the load goes in at one end and comes out at the other. */
export class Flow {
  readonly #tail: HistoryTail;
  readonly #ledger: Ledger;
  readonly #perSecond: number;

  constructor(tail: HistoryTail, ledger: Ledger, perSecond: number) {
    this.#tail = tail;
    this.#ledger = ledger;
    this.#perSecond = perSecond;
  }

  /**
   * Waits until the load flows again after this moment, without doing anything for it. Resolves with the milliseconds
   * that it took, or with undefined if it does not within `limitMs`.
   */
  async isBack(limitMs: number): Promise<number | undefined> {
    const since = this.#ledger.now();
    const enough = (this.#perSecond * SPAN_MS * PART) / 1_000;
    for (;;) {
      await sleep(LOOK_MS);
      const now = this.#ledger.now();
      this.#tail.read(now);
      const from = Math.max(since, now - SPAN_MS);
      const { confirmed, done } = this.#tail.between(from, now);
      if (confirmed >= enough && done >= enough) return from - since;
      if (now - since - SPAN_MS > limitMs) return undefined;
    }
  }
}
