import {
  type ConsumeOptions,
  type Consumer,
  type Delivery,
  type Settlement,
  SettlementError,
  type SettleResult,
  UnsupportedError,
} from "@chicory/core";
import type { OutgoingMessages } from "../publishing/outgoing.js";
import type { QueueSession } from "./queue-session.js";
import { RedisDelivery } from "./redis-delivery.js";

/** A settlement with the delivery as this driver knows it. */
interface Own {
  readonly settlement: Settlement;
  readonly delivery: RedisDelivery;
}

/** One consumer of a queue: what it received is its own to settle. */
export class RedisConsumer implements Consumer {
  readonly #session: QueueSession;
  readonly #outgoing: OutgoingMessages;
  readonly #onLost: ConsumeOptions["onLost"];
  readonly #onClose: () => Promise<void>;
  /** Calls on the way. No set, whose old copies would keep what came later from the garbage collector. */
  #settling: readonly Promise<SettleResult>[] = [];
  #closing: Promise<void> | undefined;

  /** `onClose` gives the session up, and resolves in a bounded time. */
  constructor(
    readonly queue: string,
    session: QueueSession,
    outgoing: OutgoingMessages,
    onLost: ConsumeOptions["onLost"],
    onClose: (consumer: RedisConsumer) => Promise<void>,
  ) {
    this.#session = session;
    this.#outgoing = outgoing;
    this.#onLost = onLost;
    this.#onClose = () => onClose(this);
  }

  get lastAnsweredAt(): number {
    return this.#session.answeredAt;
  }

  receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    if (this.#closing !== undefined) return Promise.resolve([]);
    return this.#session.receive(this, Math.max(1, Math.floor(max)), signal);
  }

  async settle(settlements: readonly Settlement[]): Promise<SettleResult> {
    const own: Own[] = [];
    const lost: Delivery[] = [];
    const invalid: Settlement[] = [];
    let cause: Error | undefined;
    for (const settlement of settlements) {
      const { delivery } = settlement;
      const refusal = settlement.kind === "retry" ? this.#refusal(settlement) : undefined;
      if (!(delivery instanceof RedisDelivery) || !this.#holds(delivery)) {
        lost.push(delivery);
      } else if (refusal !== undefined) {
        invalid.push(settlement);
        cause ??= refusal;
      } else {
        own.push({ settlement, delivery });
        // Named twice in one call, the second is too late.
        delivery.state = "settling";
      }
    }
    const settling = this.#session.settle(own, lost);
    this.#settling = [...this.#settling, settling];
    try {
      const result = await settling;
      if (cause !== undefined) throw new SettlementError(invalid, cause, result.lost);
      return result;
    } catch (error) {
      if (cause === undefined || !(error instanceof SettlementError) || error.cause === cause) throw error;
      throw new SettlementError([...error.failed, ...invalid], cause, error.lost);
    } finally {
      this.#settling = this.#settling.filter((other) => other !== settling);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#onClose();
    return this.#closing;
  }

  /** Resolves when no settlement of this consumer is on its way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#settling);
  }

  /** Tells the consumer's owner that deliveries are lost. */
  lost(deliveries: readonly Delivery[]): void {
    if (this.#closing === undefined) this.#onLost?.(deliveries);
  }

  #holds(delivery: RedisDelivery): boolean {
    return delivery.consumer === this && delivery.state === "held" && this.#closing === undefined;
  }

  #refusal({ delivery, replacement }: Settlement & { kind: "retry" }): Error | undefined {
    if (replacement.queue === delivery.queue) return this.#outgoing.refusal(replacement);
    return new UnsupportedError(
      `A retry stays in its queue "${delivery.queue}": publish to "${replacement.queue}" and ack instead`,
    );
  }
}
