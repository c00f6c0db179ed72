import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PublishError } from "@chicory/core";
import type { Ledger } from "../ledger.js";
import type { Random } from "../random.js";
import { type Load, PRIORITY_HEADER, QUEUES } from "./load.js";
import { TASK_KINDS, type TaskKind, type TaskKindName } from "./task-kinds.js";

/** How often each kind is sent, in comparison to the others. */
export type Mix = Partial<Readonly<Record<TaskKindName, number>>>;

/** What is sent. */
export interface ProducerOptions {
  readonly mix: Mix;
  readonly perSecond: number;
  /** Priorities 0 to below this; 1 where the broker has none. */
  readonly priorityLevels: number;
  /** Whether tasks that are counted exactly may be sent with a `dedupeMs`. */
  readonly dedupe: boolean;
}

/** Longer than any send of the load is repeated. */
const DEDUPE_MS = 60_000;

/** Sends are started at this pace, several at once if need be, so that the rate does not depend on timers. */
const BEAT_MS = 10;

/** Sends that wait for their promise; a producer that is further behind than its deadline allows waits with them. */
const MAX_UNDER_WAY = 20_000;

/**
 * Sends tasks at a steady rate, whatever becomes of them, and notes each send before and after its promise. Whoever
 * starts a producer stops it.
 */
export class Producer {
  readonly #load: Load;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #options: ProducerOptions;
  readonly #lottery: readonly TaskKindName[];
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #sent = 0;

  constructor(load: Load, ledger: Ledger, random: Random, options: ProducerOptions) {
    this.#load = load;
    this.#ledger = ledger;
    this.#random = random;
    this.#options = options;
    this.#lottery = (Object.entries(options.mix) as [TaskKindName, number][]).flatMap(([kind, weight]) =>
      Array.from({ length: weight }, () => kind),
    );
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Sends no more; resolves when every promise is settled. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#underWay);
  }

  /** Sends so many of a kind at once, besides what is sent steadily; resolves when their promises are settled. */
  async burst(kind: TaskKindName, number: number): Promise<void> {
    await Promise.all(Array.from({ length: number }, () => this.#send(kind)));
  }

  async #run(): Promise<void> {
    const startedAt = performance.now();
    while (!this.#stop.signal.aborted) {
      const due = ((performance.now() - startedAt) / 1_000) * this.#options.perSecond;
      for (; this.#sent < due; this.#sent++) {
        if (this.#underWay.size >= MAX_UNDER_WAY) continue;
        const kind = this.#lottery[this.#random.below(this.#lottery.length)];
        if (kind !== undefined) this.#begin(kind);
      }
      await sleep(BEAT_MS);
    }
  }

  #begin(kind: TaskKindName): void {
    const sending = this.#send(kind).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async #send(kind: TaskKindName): Promise<void> {
    const id = randomUUID();
    const { options, expected, maxDelayMs, maxWorkMs }: TaskKind = TASK_KINDS[kind];
    const queue = QUEUES[this.#random.below(QUEUES.length)] ?? QUEUES[0];
    const priority = this.#random.below(this.#options.priorityLevels);
    const eta = maxDelayMs > 0 ? Date.now() + this.#random.below(maxDelayMs) : undefined;
    const workMs = this.#random.below(maxWorkMs);
    // One letter a task can only be asked of a send that a lost reply does not repeat.
    const dedupe = this.#options.dedupe && expected === "dead";
    this.#ledger.write({
      kind: "pub-call",
      id,
      task: kind,
      mode: options.deliveryMode ?? "at-least-once",
      queue,
      priority,
      ...(eta === undefined ? {} : { eta }),
      dedupe,
      maxRetries: options.maxRetries,
      expected,
    });
    try {
      await this.#load.tasks[kind].send(
        { workMs },
        {
          id,
          queue,
          ...(this.#options.priorityLevels > 1 ? { priority } : {}),
          headers: { [PRIORITY_HEADER]: String(priority) },
          ...(eta === undefined ? {} : { eta: new Date(eta) }),
          ...(dedupe ? { dedupeMs: DEDUPE_MS } : {}),
        },
      );
      this.#ledger.write({ kind: "pub-ok", id });
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      const cause = error.failures[0]?.cause;
      const code = cause !== undefined && "code" in cause ? String(cause.code) : error.code;
      this.#ledger.write({ kind: error.outcome === "unknown" ? "pub-unknown" : "pub-fail", id, code });
    }
  }
}
