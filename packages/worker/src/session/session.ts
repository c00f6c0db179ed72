import type { Consumer } from "@chicory/core";
import { within } from "../deadline.js";
import type { AtMostOnceGate } from "../execution/at-most-once-gate.js";
import type { SettlementWriter } from "../execution/settlement-writer.js";
import type { Fetcher } from "./fetcher.js";

/** Longest wait for a consumer to close: the contract says a few seconds, also with the broker gone. */
const CLOSE_TIMEOUT_MS = 10_000;

/** One consumer of a queue, with what fetches from it and settles through it. Replaced as a whole. */
export class Session {
  readonly consumer: Consumer;
  readonly fetcher: Fetcher;
  readonly writer: SettlementWriter;
  readonly gate: AtMostOnceGate;
  readonly #abort: AbortController;

  constructor(parts: Pick<Session, "consumer" | "fetcher" | "writer" | "gate">, abort: AbortController) {
    this.consumer = parts.consumer;
    this.fetcher = parts.fetcher;
    this.writer = parts.writer;
    this.gate = parts.gate;
    this.#abort = abort;
  }

  /** At the end of a turn: what has gathered goes out, then what there is room for is asked for. */
  advance(): void {
    this.gate.flush();
    this.writer.flush();
    this.fetcher.fetch();
  }

  /** Fetches no more; settling goes on. */
  stopFetching(): void {
    this.#abort.abort();
  }

  /** Ends everything. Resolves within a bounded time; rejects if the consumer did not close well. */
  async close(): Promise<void> {
    this.stopFetching();
    this.writer.close();
    const closed = await within(CLOSE_TIMEOUT_MS, this.consumer.close());
    if (!closed) throw new Error(`The consumer of queue "${this.consumer.queue}" did not close in time`);
  }
}
