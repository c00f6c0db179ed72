import { type BrokerDriver, PublishError } from "@chicory/core";
import type { Random } from "../random.js";
import type { Chronicle } from "./chronicle.js";
import type { SimulatedKind } from "./program.js";
import { createSimulatedApp, KINDS, PRIORITY_HEADER, type SimulatedApp } from "./simulated-app.js";

/** Longer than any send is repeated, in milliseconds. */
const DEDUPE_MS = 600_000;

/** Delays and work of tasks are drawn from these, in milliseconds. */
const MAX_DELAY_MS = 3_000;
const MAX_WORK_MS = 30;

/** Work of a task that kills its process: longer than any that it could take with it for nothing. */
const POISON_WORK_MS = 60;

/** Delays come in steps, so that some tasks have the same time. */
const DELAY_STEP_MS = 50;

/** What a producer is made of. */
export interface SimulatedProducerOptions {
  readonly queues: readonly string[];
  readonly chronicle: Chronicle;
  readonly random: Random;
  readonly openDriver: () => BrokerDriver;
  readonly publishTimeoutMs: number | undefined;
}

/** The sending process. Whoever makes it closes it. */
export class SimulatedProducer {
  readonly #options: SimulatedProducerOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #closing: Promise<void>[] = [];
  #app: SimulatedApp;
  #lastId = 0;

  constructor(options: SimulatedProducerOptions) {
    this.#options = options;
    this.#app = this.#open();
  }

  /** Sends whose promise is not settled. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Sends a task that works for so long, or for a time that is drawn. */
  send(kind: SimulatedKind, workMs = this.#options.random.below(MAX_WORK_MS)): void {
    const sending = this.#send(kind, kind === "poison" ? POISON_WORK_MS : workMs).finally(() =>
      this.#underWay.delete(sending),
    );
    this.#underWay.add(sending);
  }

  /** Ends the process well, and starts another one. */
  restart(): void {
    this.#closing.push(this.#app.app.close());
    this.#app = this.#open();
  }

  /** Resolves when every send is settled and nothing is left open. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
    await Promise.all([...this.#closing, this.#app.app.close()]);
  }

  #open(): SimulatedApp {
    const { chronicle, openDriver, publishTimeoutMs } = this.#options;
    return createSimulatedApp({
      driver: openDriver(),
      chronicle,
      process: "producer",
      isAlive: () => true,
      ...(publishTimeoutMs === undefined ? {} : { publishTimeoutMs }),
    });
  }

  async #send(kind: SimulatedKind, workMs: number): Promise<void> {
    const { chronicle, random, queues } = this.#options;
    this.#lastId += 1;
    const id = `${kind}-${this.#lastId}`;
    const queue = queues[random.below(queues.length)] ?? "default";
    const priority = random.below(10);
    const delayMs = kind === "delayed" ? (1 + random.below(MAX_DELAY_MS / DELAY_STEP_MS)) * DELAY_STEP_MS : 0;
    const eta = delayMs > 0 ? Math.ceil(Date.now() / DELAY_STEP_MS) * DELAY_STEP_MS + delayMs : undefined;
    const { mode, maxRetries, expected } = KINDS[kind];
    const dedupe = expected !== "done";
    const due = eta === undefined ? {} : { eta };
    chronicle.write({ kind: "pub-call", id, task: kind, mode, queue, priority, ...due, dedupe, maxRetries, expected });
    try {
      await this.#app.tasks.get(kind)?.send(
        { workMs },
        {
          id,
          queue,
          priority,
          headers: { [PRIORITY_HEADER]: String(priority) },
          ...(eta === undefined ? {} : { eta: new Date(eta) }),
          ...(dedupe ? { dedupeMs: DEDUPE_MS } : {}),
        },
      );
      chronicle.write({ kind: "pub-ok", id });
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      chronicle.write({ kind: error.outcome === "unknown" ? "pub-unknown" : "pub-fail", id, code: error.code });
    }
  }
}
