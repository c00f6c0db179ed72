import type { ConsumeOptions, Consumer, Delivery, Logger, Settlement, SettleResult } from "@chicory/core";
import { within } from "../connection/deadline.js";
import { isAckTimeout, unanswered } from "../errors.js";
import type { ChannelSession } from "./channel-session.js";
import type { RabbitmqDelivery } from "./rabbitmq-delivery.js";
import { ReceiveLine } from "./receive-line.js";
import { RestKeeper } from "./rest-keeper.js";
import { SessionKeeper } from "./session-keeper.js";
import type { Settler } from "./settler.js";

/**
 * How long the server may go on sending after the last receive ended, in milliseconds. Long beside the pause between
 * two receives of a busy worker, short beside what a message may wait in a worker that has no time for it.
 */
const LINGER_MS = 200;

/** Longest wait of a close for publishes that give messages back, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000;

/** What a {@link RabbitmqConsumer} needs. */
export interface RabbitmqConsumerOptions extends ConsumeOptions {
  readonly queue: string;
  readonly settler: Settler;
  /** Opens a channel for the consumer, which says what to do with arrivals. */
  readonly openSession: (onArrival: (delivery: RabbitmqDelivery) => void) => Promise<ChannelSession>;
  readonly singleActive: boolean;
  readonly logger: Logger;
  readonly onClose: () => void;
}

/**
 * A subscription to one queue. The server is asked for messages while somebody receives, and a little longer; what it
 * sent and nobody took is given back, so that a consumer that has no time does not sit on messages.
 */
export class RabbitmqConsumer implements Consumer {
  readonly queue: string;
  readonly #options: RabbitmqConsumerOptions;
  readonly #line = new ReceiveLine();
  readonly #rests = new RestKeeper((delivery) => this.#line.push(delivery));
  readonly #keeper: SessionKeeper;
  #lastAnsweredAt = Date.now();
  #lingering: NodeJS.Timeout | undefined;
  #receivedAt = 0;
  #tuning: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #crashed = false;

  constructor(options: RabbitmqConsumerOptions) {
    this.queue = options.queue;
    this.#options = options;
    this.#keeper = new SessionKeeper({
      open: () => options.openSession((delivery) => this.#onArrival(delivery)),
      onOpen: () => this.#tune(),
      onEnd: (session, reason) => this.#lose(session, reason),
      onFailure: (error) => this.#line.fail(error),
      onAnswer: () => {
        this.#lastAnsweredAt = Date.now();
      },
      mayBePassedOver: options.singleActive,
      logger: options.logger,
    });
  }

  get lastAnsweredAt(): number {
    return this.#lastAnsweredAt;
  }

  /** Messages that are due, were sent to this consumer, and wait to be received. */
  get kept(): number {
    return this.#line.kept;
  }

  /** Opens the first channel; rejects if that fails. */
  async open(): Promise<void> {
    await this.#keeper.start();
    this.#lastAnsweredAt = Date.now();
  }

  async receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    const receiving = this.#line.receive(max, signal);
    this.#tune();
    try {
      return await receiving;
    } finally {
      this.#linger();
    }
  }

  async settle(settlements: readonly Settlement[]): Promise<SettleResult> {
    if (settlements.length === 0) return { lost: [] };
    // What a closed consumer held was given back: to settle it now would be to settle somebody else's delivery.
    if (this.#closing !== undefined) return { lost: settlements.map(({ delivery }) => delivery) };
    return await this.#options.settler.settle(settlements);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends everything at once and silently, as the end of the process would. */
  crash(): void {
    this.#crashed = true;
    this.#keeper.stop();
    this.#rests.drain();
    clearTimeout(this.#lingering);
  }

  #onArrival(delivery: RabbitmqDelivery): void {
    this.#lastAnsweredAt = Date.now();
    this.#rests.add(delivery);
  }

  #lose(session: ChannelSession, reason: Error): void {
    if (this.#crashed) return;
    const { logger, onLost } = this.#options;
    const isGone = (delivery: RabbitmqDelivery): boolean => delivery.session === session;
    this.#line.forget(isGone);
    this.#rests.forget(isGone);
    const reported: RabbitmqDelivery[] = [];
    for (const delivery of session.deliveries) {
      if (delivery.state === "open" || delivery.state === "settling") reported.push(delivery);
      if (delivery.state !== "over") delivery.state = "lost";
    }
    const level = isAckTimeout(reason.cause) ? "error" : "warn";
    logger[level]({ queue: this.queue, lost: reported.length, reason: reason.message }, "A consumer's channel ended");
    // Whoever waits learns of a task that is too long; a connection that broke is repaired without a word.
    if (isAckTimeout(reason.cause)) this.#line.fail(reason);
    if (reported.length > 0) onLost?.(reported);
  }

  /** Whether the server is to send messages now. */
  get #wanted(): boolean {
    return this.#closing === undefined && (this.#line.wanted || this.#lingering !== undefined);
  }

  /** One timer for many receives, since a worker that has one slot receives for each task. */
  #linger(): void {
    this.#receivedAt = performance.now();
    if (this.#line.wanted || this.#closing !== undefined) return;
    this.#lingering ??= this.#lingerFor(LINGER_MS);
  }

  #lingerFor(ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      const restMs = this.#receivedAt + LINGER_MS - performance.now();
      this.#lingering = restMs > 0 && !this.#line.wanted ? this.#lingerFor(restMs) : undefined;
      if (this.#lingering === undefined) this.#tune();
    }, ms);
    return timer.unref();
  }

  /** Subscribes or unsubscribes until the session is as it is wanted; a change meanwhile is seen by the same loop. */
  #tune(): void {
    if (this.#crashed || this.#closing !== undefined) return;
    const { session } = this.#keeper;
    // As before most receives.
    if (session === undefined || this.#isTuned(session)) return;
    this.#tuning ??= this.#tuneLoop().finally(() => {
      this.#tuning = undefined;
    });
  }

  #isTuned(session: ChannelSession): boolean {
    return session.subscribed === this.#wanted && (this.#wanted || this.#line.kept + this.#rests.size === 0);
  }

  async #tuneLoop(): Promise<void> {
    for (;;) {
      const { session } = this.#keeper;
      if (session === undefined || this.#closing !== undefined) return;
      if (this.#isTuned(session)) return;
      try {
        if (this.#wanted) await session.subscribe();
        else await this.#withdraw(session);
      } catch (error) {
        session.fail(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
  }

  /** Nobody receives: what was sent all the same goes back. */
  async #withdraw(session: ChannelSession): Promise<void> {
    await session.unsubscribe();
    if (this.#wanted) return;
    const unwanted = [...this.#line.drain(), ...this.#rests.drain()];
    if (unwanted.length === 0) return;
    const staying = await this.#options.settler.giveBack(unwanted);
    this.#line.restore(staying);
    // Not now, then: the next receive takes them.
    if (staying.length > 0) this.#linger();
  }

  async #close(): Promise<void> {
    this.#keeper.stop();
    clearTimeout(this.#lingering);
    this.#line.close();
    this.#options.onClose();
    const { session } = this.#keeper;
    if (session === undefined) return;
    try {
      await within(this.#release(session), CLOSE_TIMEOUT_MS, () => unanswered("take messages back", CLOSE_TIMEOUT_MS));
    } catch {
      // What could not be given back is handed out again when the channel ends.
    }
    for (const delivery of session.deliveries) delivery.state = "lost";
    await session.close();
  }

  async #release(session: ChannelSession): Promise<void> {
    await this.#tuning;
    await session.unsubscribe();
    await Promise.all(session.deliveries.map((delivery) => delivery.settled));
    const held = session.deliveries.filter(({ state }) => state === "kept" || state === "open");
    // Whether an open one was begun is not known here; a message at most once is begun only after it was settled.
    const fresh = held.filter((delivery) => delivery.state === "kept" || delivery.atMostOnce);
    const staying = await this.#options.settler.giveBack(fresh);
    for (const delivery of held) {
      if (delivery.state !== "kept" && delivery.state !== "open") continue;
      if (staying.includes(delivery) && delivery.atMostOnce) continue;
      session.giveBack(delivery);
      delivery.state = "lost";
    }
  }
}
