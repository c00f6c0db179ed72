import { type Consumer, type Delivery, MAX_SILENCE_MS } from "@chicory/core";
import type { LookAhead } from "../execution/look-ahead.js";
import type { Outage } from "../outage.js";

/** Fetches that may be out at once: while one is being answered, the next is already under way. */
const MAX_FETCHES = 2;

/** Most deliveries of one fetch: more would only make the broker's answer long. */
const MAX_FETCH = 500;

/**
 * Part of the slots that must be free before a fetch that is not urgent: one delivery at a time would cost a round
 * trip each.
 */
const LOW_WATER = 1 / 4;

/** What a fetcher needs from its queue. */
export interface FetcherOptions {
  readonly consumer: Consumer;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** How many deliveries may be added to what is in flight now. */
  readonly room: () => number;
  /** Whether more deliveries wait than there are free slots, so that no slot is idle. */
  readonly isStocked: () => boolean;
  readonly lookAhead: LookAhead;
  /** What is noted here makes the worker give up when it lasts too long. */
  readonly outage: Outage;
  readonly onDeliveries: (deliveries: readonly Delivery[]) => void;
  readonly onError: (error: unknown) => void;
  /** The consumer was closed by somebody else: it needs to be replaced. */
  readonly onClosed: () => void;
  /** A pause is over. */
  readonly onProgress: () => void;
}

/**
 * Asks one consumer for deliveries, never for more than there is room for. The first fetch goes out as soon as a slot
 * is free; a second one beside it only when it is worth a round trip.
 */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #lowWater: number;
  #fetches = 0;
  #requested = 0;
  #paused = false;
  #lastAnsweredAt: number;
  #progressAt = performance.now();

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#lowWater = Math.max(1, Math.floor(options.concurrency * LOW_WATER));
    this.#lastAnsweredAt = options.consumer.lastAnsweredAt;
  }

  /** Sends the fetches that there is room for. */
  fetch(): void {
    const { concurrency, signal, room, isStocked } = this.#options;
    while (this.#fetches < MAX_FETCHES && !this.#paused && !signal.aborted) {
      const free = room() - this.#requested;
      const isUrgent = this.#fetches === 0 && !isStocked();
      if (free < (isUrgent ? 1 : this.#lowWater)) return;
      this.#send(Math.min(free, concurrency, MAX_FETCH));
    }
  }

  /** Looks whether the broker said anything to the consumer since the last look. To be called regularly. */
  observe(): void {
    const { consumer, outage } = this.#options;
    const { lastAnsweredAt } = consumer;
    if (lastAnsweredAt !== this.#lastAnsweredAt) {
      this.#lastAnsweredAt = lastAnsweredAt;
      this.#progressAt = performance.now();
      // The queue is empty and the broker is back: no delivery will tell.
      if (this.#fetches > 0 && outage.quietMs > MAX_SILENCE_MS) outage.end();
    } else if (this.#fetches === 0) {
      this.#progressAt = performance.now();
    }
  }

  /**
   * For how long a fetch has been out while the broker said nothing to its consumer, in milliseconds. Measured by this
   * process's monotonic clock, from the changes of the consumer's own mark: neither a jump of a clock nor a clock of
   * another machine can make a live consumer look dead.
   */
  get silenceMs(): number {
    return this.#fetches === 0 ? 0 : performance.now() - this.#progressAt;
  }

  /** Forgets the silence so far: this process itself could not hear anything. */
  excuseSilence(): void {
    this.#progressAt = performance.now();
  }

  #send(max: number): void {
    if (this.#fetches === 0) this.excuseSilence();
    this.#fetches += 1;
    this.#requested += max;
    const sentAt = performance.now();
    this.#receive(max).then(
      (deliveries) => {
        this.#returned(max);
        this.#received(deliveries, max, sentAt);
      },
      (error) => {
        this.#returned(max);
        this.#failed(error);
      },
    );
  }

  /** Turns a driver that throws into one that rejects. */
  async #receive(max: number): Promise<readonly Delivery[]> {
    return await this.#options.consumer.receive(max, this.#options.signal);
  }

  #returned(max: number): void {
    this.#fetches -= 1;
    this.#requested -= max;
    this.#progressAt = performance.now();
  }

  #received(deliveries: readonly Delivery[], max: number, sentAt: number): void {
    const { signal, outage, lookAhead, onDeliveries, onClosed } = this.#options;
    if (deliveries.length === 0) {
      if (!signal.aborted) onClosed();
      return;
    }
    outage.end();
    // Half of it is enough to say that there is a backlog: a driver may have limits of its own.
    lookAhead.fetched(performance.now() - sentAt, deliveries.length * 2 >= max);
    onDeliveries(deliveries);
  }

  #failed(error: unknown): void {
    const { signal, outage, onError, onProgress } = this.#options;
    if (signal.aborted) return;
    const pauseMs = outage.fail(error);
    onError(error);
    if (this.#paused) return;
    this.#paused = true;
    setTimeout(() => {
      this.#paused = false;
      onProgress();
    }, pauseMs).unref();
  }
}
