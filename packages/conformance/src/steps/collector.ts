import assert from "node:assert/strict";
import { BrokerError, type Consumer, type Delivery } from "@chicory/core";
import type { ScenarioContext } from "../scenario-context.js";
import { eventually, pause, promptly } from "./eventually.js";
import { textOf } from "./receive.js";
import { settleThroughFaults } from "./settle.js";

/** Pause before a receive is repeated whose connection broke, in milliseconds. */
const AGAIN_MS = 20;

/**
 * Acks whatever a consumer gets, through cuts and restarts, and remembers it. Every failure on the way must be one
 * that passes. The scenario stops it.
 */
export class Collector {
  /** Bodies as texts, in the order in which they came; one that came twice is there twice. */
  readonly texts: string[] = [];
  readonly #context: ScenarioContext;
  readonly #consumer: Consumer;
  readonly #max: number;
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;
  #failure: unknown;

  /** Takes up to `max` messages at a time. */
  constructor(context: ScenarioContext, consumer: Consumer, max = 10) {
    this.#context = context;
    this.#consumer = consumer;
    this.#max = max;
    this.#loop = this.#run().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Resolves when every one of these texts came. */
  async has(texts: readonly string[]): Promise<void> {
    await eventually(this.#context, () => {
      if (this.#failure !== undefined) throw this.#failure;
      const missing = texts.filter((text) => !this.texts.includes(text));
      assert.deepEqual(missing, [], `${missing.length} messages did not come`);
    });
  }

  /** Ends the loop. Rejects with what went wrong in it. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await promptly(this.#context, "a collector", this.#loop);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const deliveries = await this.#receive();
      if (deliveries === undefined) continue;
      // Only a consumer that was closed ends a receive that nobody aborted.
      if (deliveries.length === 0) return;
      this.texts.push(...deliveries.map(textOf));
      await settleThroughFaults(
        this.#context,
        this.#consumer,
        deliveries.map((delivery) => ({ kind: "ack", delivery })),
      );
    }
  }

  /** Undefined if the connection broke. */
  async #receive(): Promise<readonly Delivery[] | undefined> {
    try {
      return await this.#consumer.receive(this.#max, this.#abort.signal);
    } catch (error) {
      assert.ok(error instanceof BrokerError && error.retryable, `a broken connection seemed final: ${String(error)}`);
      await pause(AGAIN_MS);
      return undefined;
    }
  }
}
