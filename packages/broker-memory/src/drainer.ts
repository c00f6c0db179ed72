import {
  type AdmissionPolicy,
  admit,
  type Chicory,
  ConfigError,
  type Consumer,
  conclude,
  type Delivery,
  DeliveryMode,
  InvalidInputError,
  type Run,
  startAttempt,
  validateInput,
} from "@chicory/core";
import type { MemoryDriver } from "./memory-driver.js";

/** How the executions of a drain ended. */
export interface DrainSummary {
  /** Handlers that returned. */
  readonly succeeded: number;
  /** Attempts that failed and were followed by another one. */
  readonly retried: number;
  /** Messages that became dead letters. */
  readonly deadLettered: number;
  /** Tasks at most once whose handler failed: they are neither retried nor kept. */
  readonly failed: number;
}

/** As a worker's defaults, except that a task which nobody knows is a mistake in a test, not a deployment under way. */
const POLICY: AdmissionPolicy = { maxDeliveries: 5, unknownTask: { maxRetries: 0, delayMs: 0 }, worker: "drain" };

/** As a worker's default: real time for a handler that exceeded its timeout to come to an end, in milliseconds. */
const TIMEOUT_GRACE_MS = 5_000;

/** Middle of the range from which jitter is drawn, so that a test takes the same course every time. */
const NO_JITTER = 0.5;

/** Runs tasks one after the other. Whoever makes it closes it. */
export class Drainer {
  readonly #app: Chicory;
  readonly #driver: MemoryDriver;
  readonly #chosen: readonly string[] | undefined;
  readonly #consumers = new Map<string, Consumer>();
  readonly #counts = { succeeded: 0, retried: 0, deadLettered: 0, failed: 0 };
  #runs = 0;

  constructor(app: Chicory, driver: MemoryDriver, queues: readonly string[] | undefined) {
    this.#app = app;
    this.#driver = driver;
    this.#chosen = queues;
  }

  get summary(): DrainSummary {
    return { ...this.#counts };
  }

  /** When the next delayed message falls due, by the broker's clock; undefined if there is none. */
  nextDueMs(): number | undefined {
    const times = this.#queues().flatMap((queue) => this.#driver.server.nextDueMs(queue) ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Runs what is due until nothing is. Rejects when it is more than `maxRuns` in all. */
  async runDue(maxRuns: number): Promise<void> {
    for (let found = true; found; ) {
      found = false;
      // Sends that a handler did not wait for are on their way until the end of the turn.
      await nextTurn();
      for (const queue of this.#queues()) {
        for (let delivery = await this.#next(queue); delivery !== undefined; delivery = await this.#next(queue)) {
          found = true;
          this.#runs += 1;
          if (this.#runs > maxRuns) {
            throw new ConfigError(
              `drain() gave up after ${maxRuns} executions: tasks seem to send each other for ever`,
            );
          }
          await this.#handle(await this.#consumer(queue), delivery);
        }
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.close()));
  }

  #queues(): readonly string[] {
    return this.#chosen ?? this.#driver.server.queues();
  }

  async #consumer(queue: string): Promise<Consumer> {
    const opened = this.#consumers.get(queue);
    if (opened !== undefined) return opened;
    const consumer = await this.#driver.consume(queue, { worker: POLICY.worker, credits: 1 });
    this.#consumers.set(queue, consumer);
    return consumer;
  }

  /** The next message that is due, or undefined if none is, also when somebody else takes it first. */
  async #next(queue: string): Promise<Delivery | undefined> {
    const { server } = this.#driver;
    if (server.depth(queue).ready === 0) return undefined;
    const consumer = await this.#consumer(queue);
    const abort = new AbortController();
    const receiving = consumer.receive(1, abort.signal);
    do await nextTurn();
    while (server.transit.busy);
    abort.abort();
    const [delivery] = await receiving;
    return delivery;
  }

  async #handle(consumer: Consumer, delivery: Delivery): Promise<void> {
    const { tasks } = this.#app;
    const admission = admit(delivery, (name) => tasks.get(name), POLICY, this.#now());
    if (admission.kind === "settle") {
      await consumer.settle([admission.settlement]);
      this.#counts.deadLettered += 1;
    } else if (admission.mode === DeliveryMode.AT_MOST_ONCE) {
      await this.#runAtMostOnce(consumer, admission);
    } else {
      const result = await this.#attempt(admission).result;
      const conclusion = conclude(admission, result, this.#decision());
      await consumer.settle([conclusion.settlement]);
      this.#counts[conclusion.kind] += 1;
    }
  }

  /** First the schema, whose refusal makes a dead letter, then the ack, and only then the handler. */
  async #runAtMostOnce(consumer: Consumer, run: Run): Promise<void> {
    const { task, message, delivery } = run;
    let input = message.input;
    try {
      if (task.schema !== undefined) input = await validateInput(task.name, task.schema, input);
    } catch (error) {
      const refused = error instanceof InvalidInputError;
      const conclusion = conclude(
        run,
        refused ? { kind: "refused", error } : { kind: "threw", error },
        this.#decision(),
      );
      await consumer.settle([conclusion.settlement]);
      this.#counts[conclusion.kind] += 1;
      return;
    }
    const { lost } = await consumer.settle([{ kind: "ack", delivery }]);
    if (lost.length > 0) return;
    const result = await this.#attempt(run, { input }).result;
    this.#counts[result.kind === "returned" ? "succeeded" : "failed"] += 1;
  }

  #attempt(run: Run, validated?: { readonly input: unknown }): ReturnType<typeof startAttempt> {
    const { logger, middleware } = this.#app;
    return startAttempt(run, { logger, middleware, timeoutGraceMs: TIMEOUT_GRACE_MS, validated });
  }

  #decision() {
    return { worker: POLICY.worker, now: this.#now(), random: NO_JITTER };
  }

  #now(): number {
    return this.#driver.server.clock.now();
  }
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
