import { ConnectionError, type Logger } from "@chicory/core";
import type { Channel, Route } from "../connection/route.js";
import { fromServerText, serverErrorCode, UnansweredError } from "../errors.js";
import type { QueueKeys } from "../keys.js";
import type { OutgoingMessages } from "../publishing/outgoing.js";
import type { FetchedEntry } from "../scripts/packed-entries.js";
import { runStep, type StepResult } from "../scripts/step.js";
import { DueTimer } from "./due-timer.js";
import { FetchSize } from "./fetch-size.js";
import type { SettleLine } from "./settle-line.js";
import { type StepArguments, stepArguments } from "./step-arguments.js";

/** Steps on the way at once: while the server works on one, this process works on the answer of the other. */
const MAX_LANES = 2;

/** Settlements that are worth a second step while one is on the way; fewer are gathered until it is back. */
const SECOND_LANE_SETTLEMENTS = 32;

/** Two receives of at least this many deliveries together are fetched for in two steps. */
const SPLIT_FETCH = 32;

/** Bounds of one step, to keep it within a few milliseconds of the server's time. */
const MAX_SETTLEMENTS = 512;
const MAX_SETTLEMENT_BYTES = 4_194_304;

/** Pause before due messages are moved again after that failed, in milliseconds. */
const PROMOTE_AGAIN_MS = 1_000;

/** What a loop knows of its queue. */
export interface StepLoopOptions {
  readonly keys: QueueKeys;
  readonly consumer: string;
  readonly leaseMs: number;
  readonly route: Route;
  readonly settleLine: SettleLine;
  readonly outgoing: OutgoingMessages;
  readonly logger: Logger;
  /** How many deliveries may be fetched by steps now, and for how many receives. */
  readonly wanted: () => { readonly deliveries: number; readonly receives: number };
  /** Takes fetched entries. `leasedAt` is monotonic. */
  readonly onEntries: (entries: readonly FetchedEntry[], leasedAt: number) => void;
  /** Called when the queue turned out to be empty while receives wait. */
  readonly onEmpty: () => void;
  /** Called when priorities are used that the loop did not know, or a consumer group is gone. */
  readonly onOutdated: (cause: Error | undefined) => void;
  /** Called when receives cannot be served for now. */
  readonly onFailure: (error: Error) => void;
}

/**
 * Runs the steps of a queue: each settles what waits, moves what is due, and fetches for the receives that wait, in one
 * script call. A step begins at the end of the turn in which something is to be done; while steps are on the way,
 * settlements gather for the next.
 */
export class StepLoop {
  readonly #options: StepLoopOptions;
  readonly #dueTimer = new DueTimer(() => this.promote());
  readonly #fetchSize = new FetchSize();
  #used = "";
  #levels = "0";
  #lanes = 0;
  #asked = 0;
  #empty = false;
  #scheduled = false;
  #paused = false;
  #fetchPauses = 0;
  #promote = false;
  #marker = "";
  #silences = 0;
  #onIdle: (() => void)[] = [];

  /** When the server last answered, in milliseconds since the epoch. */
  answeredAt = Date.now();

  constructor(options: StepLoopOptions) {
    this.#options = options;
  }

  /** Digits of the used priorities and 0, highest first. */
  get levels(): string {
    return this.#levels;
  }

  /** Sets the used priorities as the server told them. */
  setUsed(used: string): void {
    this.#used = used;
    this.#levels = levelsOf(used);
  }

  /** Stops new steps while something is put in order. */
  pause(): void {
    this.#paused = true;
  }

  /** Ends a {@link pause}. */
  resume(): void {
    this.#paused = false;
    this.schedule();
  }

  /** Fetches nothing while what was handed out before is brought back first; settlements go on. */
  pauseFetching(): void {
    this.#fetchPauses += 1;
  }

  /** Ends one {@link pauseFetching}. */
  resumeFetching(): void {
    this.#fetchPauses -= 1;
    this.schedule();
  }

  /** Something is to be done: a receive or a settlement waits. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After all callbacks of this turn, so that what they settle and receive goes into one step.
    process.nextTick(() => {
      this.#scheduled = false;
      while (this.#mayStep()) void this.#step();
    });
  }

  /** There may be messages again. `marker` is the id of a wake marker that this consumer took, or empty. */
  wake(marker: string): void {
    this.#empty = false;
    if (marker !== "") this.#marker = marker;
    this.schedule();
  }

  /** Moves what is due, even if nobody receives. */
  promote(): void {
    this.#promote = true;
    this.schedule();
  }

  /** Resolves when no step is on the way. */
  async idle(): Promise<void> {
    if (this.#lanes > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Begins no steps by itself any more. */
  stop(): void {
    this.#dueTimer.stop();
  }

  #fetchable(): number {
    if (this.#fetchPauses > 0 || this.#empty) return 0;
    const { deliveries, receives } = this.#options.wanted();
    const split = this.#lanes === 0 && receives > 1 && deliveries >= SPLIT_FETCH;
    const open = split ? Math.ceil(deliveries / 2) : deliveries - this.#asked;
    return Math.max(0, Math.min(this.#fetchSize.limit, open));
  }

  #mayStep(): boolean {
    if (this.#paused || this.#lanes >= MAX_LANES) return false;
    if (this.#fetchable() > 0) return true;
    const settlements = this.#options.settleLine.size;
    if (this.#lanes > 0) return settlements >= SECOND_LANE_SETTLEMENTS;
    return settlements > 0 || this.#promote || this.#marker !== "";
  }

  async #step(): Promise<void> {
    const { route, settleLine, outgoing, leaseMs } = this.#options;
    const pending = settleLine.take(MAX_SETTLEMENTS, MAX_SETTLEMENT_BYTES);
    const fetch = this.#fetchable();
    this.#lanes += 1;
    this.#asked += fetch;
    const marker = this.#marker;
    this.#marker = "";
    this.#promote = false;
    let channel = route.current;
    try {
      channel ??= await route.ready();
      const sentAt = performance.now();
      const args = stepArguments(pending, outgoing, ({ delivery }) => sentAt - delivery.leasedAt < leaseMs);
      const result = await this.#run(channel, args, fetch, marker);
      this.#asked -= fetch;
      this.#finish(channel, result, args, fetch, sentAt);
    } catch (error) {
      this.#asked -= fetch;
      const cause = error instanceof Error ? error : new ConnectionError(String(error));
      for (const entry of pending) settleLine.finish(entry, { kind: "failed", cause });
      this.#failed(channel, cause);
    }
    this.#lanes -= 1;
    if (this.#lanes === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    this.#settleDown();
  }

  async #run(channel: Channel, args: StepArguments, fetch: number, marker: string): Promise<StepResult> {
    const { keys, consumer } = this.#options;
    const levels = withLevels(this.#levels, args.priorities);
    const { settlements } = args;
    return await runStep(channel, { keys, consumer, fetch, used: this.#used, levels, marker, settlements });
  }

  #finish(channel: Channel, result: StepResult, args: StepArguments, fetch: number, sentAt: number): void {
    const { settleLine, onEntries, onOutdated } = this.#options;
    this.answeredAt = Date.now();
    this.#silences = 0;
    if (result.kind === "outdated") {
      settleLine.putBack(args.order);
      this.#promote = true;
      onOutdated(undefined);
      return;
    }
    const problems = new Map(result.problems.map(({ index, text }) => [index, text]));
    args.order.forEach((entry, index) => {
      const text = problems.size === 0 ? undefined : problems.get(index);
      if (text === undefined) settleLine.finish(entry, { kind: "took" });
      else if (text === "") settleLine.finish(entry, { kind: "lost" });
      else settleLine.finish(entry, { kind: "failed", cause: fromServerText(text, channel.address) });
    });
    this.#fetchSize.observe(result.entries);
    if (result.entries.length > 0) onEntries(result.entries, sentAt);
    if (result.readError !== "") {
      this.#failed(channel, fromServerText(result.readError, channel.address));
      this.#dueTimer.set(PROMOTE_AGAIN_MS);
      return;
    }
    if (fetch > 0) this.#empty = result.entries.length < fetch;
    this.#dueTimer.set(result.nextDueMs);
  }

  /** Tells who waits; a connection that broke once is restored while they wait on. */
  #failed(channel: Channel | undefined, error: Error): void {
    const { route, onOutdated, onFailure, logger } = this.#options;
    const code = serverErrorCode(error);
    logger.debug({ err: error }, "A step of a queue's consumer failed");
    if (code === "NOGROUP") {
      onOutdated(error);
      return;
    }
    if (channel !== undefined) route.reconsider(channel, error);
    if (error instanceof UnansweredError) {
      this.#silences += 1;
      if (this.#silences < 2) return;
    }
    this.#silences = 0;
    onFailure(error);
  }

  /** What is to be done next, now that a step is back. */
  #settleDown(): void {
    if (this.#empty && this.#asked === 0) {
      this.#empty = false;
      if (this.#options.wanted().deliveries > 0) this.#options.onEmpty();
    }
    this.schedule();
  }
}

function levelsOf(used: string): string {
  return [...new Set([...used, "0"])].sort().reverse().join("");
}

function withLevels(levels: string, priorities: ReadonlySet<number>): string {
  const missing = [...priorities].filter((priority) => !levels.includes(String(priority)));
  return missing.length === 0 ? levels : levelsOf(levels + missing.join(""));
}
