import { type Delivery, type Settlement, SettlementError, type SettleResult } from "@chicory/core";
import type { HeldDeliveries } from "./held-deliveries.js";
import type { RedisDelivery } from "./redis-delivery.js";

/** One call of `settle`: it ends when each of its settlements has an outcome. */
interface Call {
  left: number;
  readonly lost: Delivery[];
  readonly failed: Settlement[];
  cause: Error | undefined;
  readonly resolve: (result: SettleResult) => void;
  readonly reject: (error: SettlementError) => void;
}

/** One settlement on its way to the server. */
export interface PendingSettlement {
  readonly settlement: Settlement;
  readonly delivery: RedisDelivery;
  readonly bytes: number;
  readonly call: Call;
}

/** How one settlement ended. `failed` leaves the delivery held, so that it may be settled again. */
export type SettlementOutcome =
  | { readonly kind: "took" }
  | { readonly kind: "lost" }
  | { readonly kind: "failed"; readonly cause: Error };

/** Settlements of a queue that wait for a step, and the calls that wait for their outcome. */
export class SettleLine {
  readonly #held: HeldDeliveries;
  readonly #separately: boolean;
  #waiting: PendingSettlement[] = [];
  #durable: PendingSettlement[] = [];
  #next = 0;

  /**
   * Deliveries that were settled or lost leave `held`. `separately` puts acks that something is begun upon in a line of
   * their own, since they are to survive the loss of a server.
   */
  constructor(held: HeldDeliveries, separately = false) {
    this.#held = held;
    this.#separately = separately;
  }

  /** How many acks wait in the line of those that are to survive. */
  get durableSize(): number {
    return this.#durable.length;
  }

  /** Takes the first of those out of line. */
  takeDurable(maxCount: number): readonly PendingSettlement[] {
    return this.#durable.splice(0, maxCount);
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length - this.#next;
  }

  /**
   * Puts settlements in line. Resolves when each has an outcome; `lost` are those known to be lost before. The
   * deliveries must be held.
   */
  submit(
    settlements: readonly { readonly settlement: Settlement; readonly delivery: RedisDelivery }[],
    lost: readonly Delivery[],
  ): Promise<SettleResult> {
    if (settlements.length === 0) return Promise.resolve({ lost });
    return new Promise((resolve, reject) => {
      const call: Call = {
        left: settlements.length,
        lost: [...lost],
        failed: [],
        cause: undefined,
        resolve,
        reject,
      };
      for (const { settlement, delivery } of settlements) {
        delivery.state = "settling";
        const survives = this.#separately && settlement.kind === "ack" && settlement.beforeRun === true;
        const line = survives ? this.#durable : this.#waiting;
        line.push({ settlement, delivery, bytes: bytesOf(settlement), call });
      }
    });
  }

  /** Takes the first ones out of line, at most so many and, unless it is a single one, at most so many bytes. */
  take(maxCount: number, maxBytes: number): readonly PendingSettlement[] {
    const taken: PendingSettlement[] = [];
    let bytes = 0;
    while (taken.length < maxCount) {
      const pending = this.#waiting[this.#next];
      if (pending === undefined || (taken.length > 0 && bytes + pending.bytes > maxBytes)) break;
      bytes += pending.bytes;
      taken.push(pending);
      this.#next += 1;
    }
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
    return taken;
  }

  /** Puts back what was taken and not acted upon. */
  putBack(taken: readonly PendingSettlement[]): void {
    this.#waiting = [...taken, ...this.#waiting.slice(this.#next)];
    this.#next = 0;
  }

  /** Reports how one ended. */
  finish({ settlement, delivery, call }: PendingSettlement, outcome: SettlementOutcome): void {
    switch (outcome.kind) {
      case "took":
        delivery.state = "settled";
        this.#held.remove(delivery);
        break;
      case "lost":
        delivery.state = "lost";
        this.#held.remove(delivery);
        call.lost.push(delivery);
        break;
      case "failed":
        // Its lease may have been lost meanwhile; then there is nothing to repeat.
        if (delivery.state === "settling") delivery.state = "held";
        call.failed.push(settlement);
        call.cause ??= outcome.cause;
        break;
    }
    call.left -= 1;
    if (call.left > 0) return;
    if (call.cause === undefined) call.resolve({ lost: call.lost });
    else call.reject(new SettlementError(call.failed, call.cause, call.lost));
  }
}

function bytesOf(settlement: Settlement): number {
  switch (settlement.kind) {
    case "ack":
    case "requeue":
      return 0;
    case "retry":
      return settlement.replacement.body.length;
    case "deadLetter":
      return settlement.letter.body.length;
  }
}
