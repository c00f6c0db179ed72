import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type BrokerDriver, type Consumer, DeliveryMode, PublishError, SettlementError } from "@chicory/core";
import { eventually } from "@chicory/test-servers";

/** Time between two sends to a queue, in milliseconds. */
const PACE_MS = 5;

/** Pause after a receive that failed, in milliseconds. */
const RETRY_MS = 50;

/** Longest wait until work goes on, in milliseconds. */
const DEADLINE_MS = 60_000;

/** One producer and one consumer for each of several queues, who go on through everything and keep count. */
export class Traffic {
  /** Bodies whose publish resolved, by queue. */
  readonly confirmed = new Map<string, Set<string>>();
  /** How often each body was received. */
  readonly received = new Map<string, number>();
  /** Outcomes of publishes that failed. */
  readonly failures = { rejected: 0, unknown: 0 };

  readonly #producer: BrokerDriver;
  readonly #stopConsuming = new AbortController();
  #producers: Promise<void>[] = [];
  #consumers: Promise<void>[] = [];
  #producing = true;

  private constructor(producer: BrokerDriver) {
    this.#producer = producer;
  }

  static async start(producer: BrokerDriver, consumer: BrokerDriver, queues: readonly string[]): Promise<Traffic> {
    const traffic = new Traffic(producer);
    for (const queue of queues) {
      traffic.confirmed.set(queue, new Set());
      const opened = await consumer.consume(queue, { worker: "w", credits: 50 });
      traffic.#producers.push(traffic.#produce(queue));
      traffic.#consumers.push(traffic.#consume(opened));
    }
    return traffic;
  }

  /** Resolves when every queue took and brought so many more messages than now. */
  async flows(count = 10): Promise<void> {
    const before = new Map([...this.confirmed].map(([queue, bodies]) => [queue, bodies.size]));
    await eventually(
      () =>
        [...this.confirmed].every(([queue, bodies]) => {
          const fresh = [...bodies].slice(before.get(queue));
          return fresh.filter((body) => this.received.has(body)).length >= count;
        }),
      { what: "every queue to go on", deadlineMs: DEADLINE_MS },
    );
  }

  /** Sends no more, and waits until everything that was confirmed came. Returns what did not. */
  async drain(): Promise<readonly string[]> {
    this.#producing = false;
    // What is being sent now is confirmed in a moment, and has to come as well.
    await Promise.all(this.#producers);
    const missing = () => [...this.confirmed.values()].flatMap((all) => [...all].filter((b) => !this.received.has(b)));
    await eventually(() => missing().length === 0, { deadlineMs: DEADLINE_MS }).catch(() => undefined);
    await this.stop();
    return missing();
  }

  /** Ends everything. May be called twice. */
  async stop(): Promise<void> {
    this.#producing = false;
    this.#stopConsuming.abort();
    await Promise.all([...this.#producers, ...this.#consumers]);
  }

  async #produce(queue: string): Promise<void> {
    while (this.#producing) {
      const body = randomUUID();
      try {
        const message = { id: body, queue, body, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0 };
        await this.#producer.publish([message]);
        this.confirmed.get(queue)?.add(body);
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        for (const { outcome } of error.failures) this.failures[outcome] += 1;
      }
      await pause(PACE_MS);
    }
  }

  async #consume(consumer: Consumer): Promise<void> {
    const { signal } = this.#stopConsuming;
    while (!signal.aborted) {
      try {
        const deliveries = await consumer.receive(20, signal);
        for (const { body } of deliveries) {
          const text = Buffer.from(body).toString();
          this.received.set(text, (this.received.get(text) ?? 0) + 1);
        }
        await consumer.settle(deliveries.map((delivery) => ({ kind: "ack", delivery }))).catch((error: unknown) => {
          // It comes again.
          if (!(error instanceof SettlementError)) throw error;
        });
      } catch {
        await pause(RETRY_MS);
      }
    }
    await consumer.close();
  }
}
