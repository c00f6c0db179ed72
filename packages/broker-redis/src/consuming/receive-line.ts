import type { Consumer } from "@chicory/core";
import type { RedisDelivery } from "./redis-delivery.js";

interface Receive {
  readonly consumer: Consumer;
  readonly max: number;
  readonly resolve: (deliveries: readonly RedisDelivery[]) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

/** The receives of a queue that wait, first come, first served. */
export class ReceiveLine {
  readonly #onEmptied: () => void;
  #receives: Receive[] = [];
  #wanted = 0;

  /** `onEmptied` is called when the last receive that waited was given up by its caller. */
  constructor(onEmptied: () => void) {
    this.#onEmptied = onEmptied;
  }

  /** How many deliveries the waiting receives take altogether. */
  get wanted(): number {
    return this.#wanted;
  }

  /** How many receives wait. */
  get size(): number {
    return this.#receives.length;
  }

  /** Waits in line. Resolves empty when the signal aborts. */
  wait(consumer: Consumer, max: number, signal: AbortSignal): Promise<readonly RedisDelivery[]> {
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#giveUp(receive);
      const receive: Receive = { consumer, max, resolve, reject, signal, onAbort };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#receives.push(receive);
      this.#wanted += max;
    });
  }

  /** Hands out deliveries in their order, and returns those that nobody waits for. */
  serve(deliveries: readonly RedisDelivery[]): readonly RedisDelivery[] {
    let left = deliveries;
    while (left.length > 0) {
      const receive = this.#receives.shift();
      if (receive === undefined) return left;
      const share = left.length <= receive.max ? left : left.slice(0, receive.max);
      left = left.length <= receive.max ? [] : left.slice(receive.max);
      for (const delivery of share) delivery.consumer = receive.consumer;
      this.#leave(receive);
      receive.resolve(share);
    }
    return left;
  }

  /** Rejects every receive that waits. */
  fail(error: Error): void {
    for (const receive of this.#takeAll()) receive.reject(error);
  }

  /** Resolves the receives of a consumer that closes empty. */
  dismiss(consumer: Consumer): void {
    for (const receive of this.#receives.filter((waiting) => waiting.consumer === consumer)) this.#giveUp(receive);
  }

  #giveUp(receive: Receive): void {
    this.#receives = this.#receives.filter((waiting) => waiting !== receive);
    this.#leave(receive);
    receive.resolve([]);
    if (this.#receives.length === 0) this.#onEmptied();
  }

  #takeAll(): readonly Receive[] {
    const all = this.#receives;
    this.#receives = [];
    for (const receive of all) this.#leave(receive);
    return all;
  }

  #leave(receive: Receive): void {
    this.#wanted -= receive.max;
    receive.signal.removeEventListener("abort", receive.onAbort);
  }
}
