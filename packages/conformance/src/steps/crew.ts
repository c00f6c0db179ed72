import assert from "node:assert/strict";
import type { BrokerDriver, Consumer, Delivery, Settlement } from "@chicory/core";
import type { ScenarioContext } from "../scenario-context.js";
import { letterOf } from "./dead-letter.js";
import { promptly } from "./eventually.js";
import { randomFrom } from "./random.js";
import { textOf } from "./receive.js";

/** Time by which a retry of the crew is delayed at most, in milliseconds. */
const MAX_RETRY_DELAY_MS = 40;

/** Broker time that passes at once while the crew works, in milliseconds. */
const TICK_MS = 10;

/** What the members of a crew decide by. */
export interface CrewOptions {
  readonly seed: number;
  /** Whether every delivery is acked; else they are settled in every way. */
  readonly onlyAck?: boolean;
}

/**
 * Consumers that work a queue off at the same time and settle at random, with a ledger of what they did: who holds
 * which message at which moment, and how each one ended. Bodies are texts that tell messages apart.
 */
export class Crew {
  /** Texts of messages that were acked or buried, with how often. */
  readonly ended = new Map<string, number>();
  readonly buried = new Set<string>();
  readonly #context: ScenarioContext;
  readonly #random: () => number;
  readonly #options: CrewOptions;
  readonly #holders = new Map<string, string>();
  readonly #abort = new AbortController();
  readonly #loops: Promise<void>[] = [];
  readonly #violations: unknown[] = [];

  constructor(context: ScenarioContext, options: CrewOptions) {
    this.#context = context;
    this.#options = options;
    this.#random = randomFrom(options.seed);
  }

  /** Lets a new consumer of this driver work along, with so many overlapping receives. */
  async join(driver: BrokerDriver, name: string, receives = 1): Promise<void> {
    const consumer = await this.#context.consumer({ driver, credits: 10 * receives });
    for (let index = 0; index < receives; index += 1) this.#start(() => this.#work(consumer, name));
  }

  /** Lets broker time pass until this many messages have ended, then ends the loops. */
  async finish(count: number, maxMs: number): Promise<void> {
    const context = this.#context;
    const end = (await context.harness.now()) + maxMs;
    while (this.ended.size < count && this.#violations.length === 0 && (await context.harness.now()) < end) {
      await context.harness.elapse(TICK_MS);
    }
    this.#abort.abort();
    await promptly(context, "the crew", Promise.all(this.#loops));
    if (this.#violations.length > 0) throw this.#violations[0];
    const seed = `seed ${this.#options.seed}`;
    assert.equal(this.ended.size, count, `${this.ended.size} of ${count} messages came to an end (${seed})`);
  }

  #start(loop: () => Promise<void>): void {
    this.#loops.push(
      loop().catch((error: unknown) => {
        this.#violations.push(error);
      }),
    );
  }

  async #work(consumer: Consumer, name: string): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const deliveries = await consumer.receive(1 + Math.floor(this.#random() * 8), this.#abort.signal);
      for (const delivery of deliveries) this.#take(delivery, name);
      if (deliveries.length === 0 && !this.#abort.signal.aborted) return;
      // Some hold on for a moment, so that settlements and receives of different members cross.
      if (this.#random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
      const settlements = await Promise.all(deliveries.map((delivery) => this.#decide(delivery)));
      for (const settlement of settlements) this.#holders.delete(textOf(settlement.delivery));
      const { lost } = await consumer.settle(settlements);
      for (const settlement of settlements) {
        if (!lost.includes(settlement.delivery)) this.#note(settlement);
      }
    }
  }

  #take(delivery: Delivery, name: string): void {
    const text = textOf(delivery);
    const holder = this.#holders.get(text);
    assert.equal(holder, undefined, `${text} was handed to ${name} while ${holder} held it`);
    this.#holders.set(text, name);
  }

  async #decide(delivery: Delivery): Promise<Settlement> {
    const chance = this.#options.onlyAck === true ? 0 : this.#random();
    if (chance < 0.5) return { kind: "ack", delivery };
    if (chance < 0.65) return { kind: "requeue", delivery };
    if (chance < 0.75) return { kind: "deadLetter", delivery, letter: letterOf(delivery) };
    const body = textOf(delivery);
    if (chance < 0.88) return { kind: "retry", delivery, replacement: this.#context.message({ body }) };
    const notBefore = (await this.#context.harness.now()) + Math.ceil(this.#random() * MAX_RETRY_DELAY_MS);
    return { kind: "retry", delivery, replacement: this.#context.message({ body, notBefore }) };
  }

  #note({ kind, delivery }: Settlement): void {
    if (kind !== "ack" && kind !== "deadLetter") return;
    const text = textOf(delivery);
    if (kind === "deadLetter") this.buried.add(text);
    this.ended.set(text, (this.ended.get(text) ?? 0) + 1);
  }
}
