import {
  type ConsumeOptions,
  type Consumer,
  type Delivery,
  type Settlement,
  SettlementError,
  type SettleResult,
} from "@chicory/core";
import { Arrival } from "./arrival.js";
import { LeaseKeeper } from "./lease-keeper.js";
import type { Link } from "./link.js";
import { MemoryDelivery, tokenOf } from "./memory-delivery.js";
import type { Settled } from "./memory-server.js";
import type { Session } from "./session.js";

/** A subscription to one queue of the embedded broker. Owned by its driver, which is told when it closes. */
export class MemoryConsumer implements Consumer {
  readonly queue: string;
  readonly #link: Link;
  readonly #session: Session;
  readonly #options: ConsumeOptions;
  readonly #keeper: LeaseKeeper;
  readonly #onClose: () => void;
  /** Deliveries whose lease is renewed, by token. */
  readonly #held = new Map<number, MemoryDelivery>();
  /** Fetched for a receive that was aborted meanwhile; for the next one. */
  #kept: MemoryDelivery[] = [];
  /** Fetches whose answer was lost: what they brought is asked for again. */
  readonly #unanswered = new Set<number>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  #lastRequest = 0;
  #lastAnsweredAt: number;

  constructor(link: Link, session: Session, options: ConsumeOptions, onClose: () => void) {
    const { clock } = link.server;
    this.queue = session.queue;
    this.#link = link;
    this.#session = session;
    this.#options = options;
    this.#onClose = onClose;
    this.#lastAnsweredAt = clock.now();
    this.#keeper = new LeaseKeeper({
      clock,
      leaseMs: session.leaseMs,
      holds: () => this.#held.size > 0,
      renew: () => this.#renew(),
    });
  }

  get lastAnsweredAt(): number {
    return this.#lastAnsweredAt;
  }

  async receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    while (!signal.aborted && !this.#closing.signal.aborted) {
      if (this.#kept.length > 0) return this.#kept.splice(0, max);
      const arrival = new Arrival(this.#link, this.#session, [signal, this.#closing.signal]);
      try {
        const deliveries = await this.#fetch(max);
        if (signal.aborted) {
          this.#kept.push(...deliveries);
          return [];
        }
        if (deliveries.length > 0) return deliveries;
        await arrival.over;
      } finally {
        arrival.end();
      }
    }
    return [];
  }

  async settle(settlements: readonly Settlement[]): Promise<SettleResult> {
    // What a closed consumer held was given back: to settle it now would be to settle somebody else's delivery.
    if (this.#closing.signal.aborted) return { lost: settlements.map(({ delivery }) => delivery) };
    const { lost, refused } = await this.#settle(settlements);
    const open = new Set(refused.map(({ settlement }) => settlement));
    for (const settlement of settlements) {
      const token = tokenOf(settlement.delivery);
      if (token !== undefined && !open.has(settlement)) this.#held.delete(token);
    }
    const lostDeliveries = lost.map(({ delivery }) => delivery);
    const [first] = refused;
    if (first !== undefined) throw new SettlementError([...open], first.cause, lostDeliveries);
    return { lost: lostDeliveries };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Ends everything at once, as the death of the process would. */
  crash(): void {
    this.#keeper.stop();
    this.#held.clear();
  }

  async #fetch(max: number): Promise<MemoryDelivery[]> {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    const unanswered = new Set(this.#unanswered);
    try {
      const leases = await this.#answered(() => this.#link.server.take(this.#session, request, max, unanswered));
      for (const recovered of unanswered) this.#unanswered.delete(recovered);
      // They were given back when the consumer closed, which may have been before this answer came.
      if (this.#closing.signal.aborted) return [];
      const deliveries = leases.map((lease) => new MemoryDelivery(this.queue, lease));
      for (const delivery of deliveries) this.#held.set(delivery.token, delivery);
      this.#keeper.start();
      return deliveries;
    } catch (error) {
      this.#unanswered.add(request);
      throw error;
    }
  }

  async #settle(settlements: readonly Settlement[]): Promise<Settled> {
    try {
      return await this.#answered(() => this.#link.server.settle(this.#session, settlements));
    } catch (error) {
      throw new SettlementError(settlements, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #renew(): Promise<void> {
    const tokens = [...this.#held.keys()];
    let gone: readonly number[];
    try {
      gone = await this.#answered(() => this.#link.server.renew(this.#session, tokens));
    } catch {
      // The keeper comes again; if it comes too late, its answer says which leases are gone.
      return;
    }
    // What was settled while the renewal was under way is gone too, but not lost.
    const lost = gone.flatMap((token) => this.#held.get(token) ?? []);
    for (const { token } of lost) this.#held.delete(token);
    const unseen = new Set(this.#kept.filter((delivery) => lost.includes(delivery)));
    this.#kept = this.#kept.filter((delivery) => !unseen.has(delivery));
    const reported = lost.filter((delivery) => !unseen.has(delivery));
    if (reported.length > 0) this.#options.onLost?.(reported);
  }

  async #answered<T>(step: () => T): Promise<T> {
    const result = await this.#link.call(step);
    this.#lastAnsweredAt = this.#link.server.clock.now();
    return result;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#keeper.stop();
    this.#held.clear();
    this.#kept = [];
    this.#onClose();
    try {
      await this.#link.call(() => this.#link.server.release(this.#session));
    } catch {
      // The broker cannot be reached: what was held is taken over when its lease ends, as from a dead consumer.
    }
  }
}
