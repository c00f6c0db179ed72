import type { Delivery } from "./delivery.js";
import type { Settlement, SettleResult } from "./settlement.js";

/** How a consumer is opened. */
export interface ConsumeOptions {
  /** Name of the consuming worker as operators see it; unique among live processes. */
  readonly worker: string;
  /**
   * Most deliveries that this consumer will hold unsettled at once: the worker's concurrency and its look-ahead.
   * Drivers that push use it as their prefetch.
   */
  readonly credits: number;
  /**
   * How long a task of this consumer may take by the worker's own rules, in milliseconds: the longest of their
   * time-outs, with the grace after it. Absent if nobody knows. A broker's own limit for unsettled deliveries must not
   * be shorter, and need not be this short. A process that gave no sign of life for longer is hung: a driver that
   * keeps leases apart from the event loop must not keep them on.
   */
  readonly longestTaskMs?: number;
  /**
   * Called when the broker may have given deliveries of this consumer to somebody else: they cannot be settled any
   * more. It must not throw. A driver reports each delivery at most once, as soon as it knows; one that `settle`
   * answered with `lost` is not reported again.
   */
  readonly onLost?: (deliveries: readonly Delivery[]) => void;
}

/**
 * A subscription to one queue. The driver keeps every unsettled delivery of a live consumer alive (renews its lease)
 * until it is settled or lost.
 */
export interface Consumer {
  readonly queue: string;

  /**
   * When the broker last answered this consumer, in milliseconds since the epoch; the time of opening before that.
   * An idle consumer is still answered regularly (at least every {@link MAX_SILENCE_MS}), so an old value means a
   * wedged one, whatever the state of its socket.
   */
  readonly lastAnsweredAt: number;

  /**
   * Waits for messages that are due and hands out 1 to `max` of them. Resolves empty only when `signal` aborts or the
   * consumer is closed; a delivery that arrives while that happens is kept for the next call or given back, never
   * dropped. Rejects with a `BrokerError` when the broker cannot be asked: call again after a pause if it is
   * retryable. Two calls may overlap. On a closed consumer it resolves empty.
   */
  receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]>;

  /**
   * Settles deliveries of this consumer, each by itself: one that is lost or fails does not hold up the others.
   * Resolves when every one took or was lost; rejects with a `SettlementError` naming those that did not certainly
   * take, and those that were lost. Calls may overlap, and a receive may wait meanwhile. On a closed consumer, which
   * gave everything back, every one is lost.
   */
  settle(settlements: readonly Settlement[]): Promise<SettleResult>;

  /**
   * Ends the subscription: waiting receives resolve empty, and every unsettled delivery is given back so that others
   * get it at once. May be called twice. Resolves within a few seconds even if the broker is gone; what could not be
   * given back then is taken over as from a dead consumer.
   */
  close(): Promise<void>;
}

/**
 * Longest time between two answers of the broker to a consumer that works, in milliseconds. Twice the longest blocking
 * read (5 s) with room for a slow server; a watchdog should wait a multiple of this.
 */
export const MAX_SILENCE_MS = 15_000;
