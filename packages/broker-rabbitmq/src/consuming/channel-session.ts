import { randomBytes } from "node:crypto";
import { ServerError } from "@chicory/core";
import type { Channel } from "rabbitmq-client";
import type { IncomingMessage } from "../amqp/channel-reader.js";
import { type Wire, wireOf } from "../amqp/client-internals.js";
import { ask } from "../connection/ask.js";
import { pause, within } from "../connection/deadline.js";
import { fromChannel, unanswered } from "../errors.js";
import { AckLine } from "./ack-line.js";
import { type DeliveryChannel, RabbitmqDelivery } from "./rabbitmq-delivery.js";

/** AMQP's field for it has 16 bits. */
const MAX_PREFETCH = 65_535;

/** Longest wait for messages that are on their way before a cancel, in milliseconds; they take a few. */
const SETTLE_DOWN_MS = 500;
const SETTLE_DOWN_PAUSE_MS = 2;

/** What a session is told about its queue and its consumer. */
export interface SessionOptions {
  readonly queue: string;
  readonly serverQueue: string;
  /** Most deliveries that are open at once. */
  readonly credits: number;
  /** How long the server is to wait for acknowledgements, where it takes that from a consumer. */
  readonly consumerTimeoutMs: number | undefined;
  readonly timeoutMs: number;
  readonly onArrival: (delivery: RabbitmqDelivery) => void;
}

/**
 * One channel of a consumer, from its opening to its end, with the deliveries that came by it. When it ends they are
 * lost: no other channel can settle them. It never comes back; the consumer opens another one.
 */
export class ChannelSession implements DeliveryChannel {
  /** Part of the ids of its deliveries. */
  readonly id = randomBytes(6).toString("base64url");
  /** Resolves with the reason when the channel ends. */
  readonly ended: Promise<Error>;
  readonly #channel: Channel;
  readonly #options: SessionOptions;
  readonly #wire: Wire;
  readonly #line = new AckLine<RabbitmqDelivery>();
  #consumerTag: string | undefined;
  #end: (reason: Error) => void = () => undefined;
  #over: Error | undefined;
  #arrivals = 0;

  constructor(channel: Channel, options: SessionOptions) {
    this.#channel = channel;
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#wire = wireOf(channel);
    this.#wire.listen(channel, { onDelivery: (message) => this.#onMessage(message) });
    const what = `consume queue "${options.serverQueue}"`;
    channel.on("error", (error) => this.#finish(fromChannel(error, what)));
    channel.on("close", () => this.#finish(fromChannel(new Error("the channel was closed"), what)));
    channel.on("basic.cancel", () =>
      this.#finish(
        new ServerError(
          `RabbitMQ ended the consumer of queue "${options.serverQueue}": was the queue deleted, or (from 4.3 on) did a task run longer than the server waits for an acknowledgement?`,
          { retryable: true },
        ),
      ),
    );
  }

  get live(): boolean {
    return this.#over === undefined && this.#channel.active;
  }

  get subscribed(): boolean {
    return this.#consumerTag !== undefined;
  }

  /** Deliveries that are not settled. */
  get deliveries(): readonly RabbitmqDelivery[] {
    return this.#line.values();
  }

  /** How many messages have come by this channel. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** Whether the server may send another message. */
  get hasRoom(): boolean {
    return this.#line.size < this.#prefetch;
  }

  /** Asks for messages, at most as many as there are credits. */
  async subscribe(): Promise<void> {
    const { serverQueue, consumerTimeoutMs, timeoutMs } = this.#options;
    await ask(this.#channel.basicQos({ prefetchCount: this.#prefetch }), "set the prefetch", timeoutMs);
    const args = consumerTimeoutMs === undefined ? {} : { "x-consumer-timeout": consumerTimeoutMs };
    const consuming = this.#channel.basicConsume({ queue: serverQueue, arguments: args }, () => undefined);
    const { consumerTag } = await ask(consuming, `consume queue "${serverQueue}"`, timeoutMs);
    this.#consumerTag = consumerTag;
  }

  /** Asks for no more messages. Those that were under way have arrived when it resolves. */
  async unsubscribe(): Promise<void> {
    if (this.#consumerTag === undefined || !this.live) return;
    await this.#settleDown();
    const consumerTag = this.#consumerTag;
    this.#consumerTag = undefined;
    if (consumerTag === undefined || !this.live) return;
    await ask(this.#channel.basicCancel(consumerTag), "end a consumer", this.#options.timeoutMs);
    // What was on its way to the channel then comes after the confirmation, and before any later answer.
    await this.waiting();
  }

  /** How many messages wait in the queue: an answer shows that the channel works. */
  async waiting(): Promise<number> {
    const { serverQueue, timeoutMs } = this.#options;
    const looking = this.#channel.queueDeclare({ queue: serverQueue, passive: true });
    const { messageCount } = await ask(looking, `look for queue "${serverQueue}"`, timeoutMs);
    return messageCount;
  }

  /** Acks deliveries of this channel. Returns those for which it was too late. */
  ack(deliveries: readonly RabbitmqDelivery[]): readonly RabbitmqDelivery[] {
    if (!this.live) return deliveries;
    const { writer } = this.#wire;
    const frames = this.#line.ack(deliveries.map(({ tag }) => tag));
    for (const { deliveryTag, multiple } of frames) writer.ack(this.#channel.id, deliveryTag, multiple);
    writer.flush();
    return [];
  }

  /** Gives a delivery back to where it was in the queue, which a quorum queue counts as a hand-out. */
  giveBack(delivery: RabbitmqDelivery): void {
    this.#line.remove(delivery.tag);
    if (!this.live) return;
    this.#wire.writer.giveBack(this.#channel.id, delivery.tag);
    this.#wire.writer.flush();
  }

  /** Ends the session for a reason that the channel does not know of. */
  fail(reason: Error): void {
    this.#finish(reason);
  }

  /** Ends the channel; what is unsettled goes back to the queue. */
  async close(): Promise<void> {
    if (!this.#channel.active) return;
    const { timeoutMs } = this.#options;
    await within(this.#channel.close(), timeoutMs, () => unanswered("close a channel", timeoutMs)).catch(
      () => undefined,
    );
  }

  /**
   * Waits until the server has nothing to send: it has no room here, or no message waits. A quorum queue drops what it
   * sends to a consumer that cancels at this moment, and counts it as handed out when the channel ends.
   */
  async #settleDown(): Promise<void> {
    const deadline = performance.now() + SETTLE_DOWN_MS;
    while (this.live && this.hasRoom && performance.now() < deadline) {
      const { arrivals } = this;
      if ((await this.waiting()) === 0) return;
      if (this.arrivals === arrivals) await pause(SETTLE_DOWN_PAUSE_MS);
    }
  }

  get #prefetch(): number {
    return Math.max(1, Math.min(this.#options.credits, MAX_PREFETCH));
  }

  #onMessage(message: IncomingMessage): void {
    // What arrives with the end of its channel was given to somebody else already.
    if (!this.live) return;
    this.#arrivals += 1;
    const delivery = new RabbitmqDelivery(this, message, this.#options.queue);
    this.#line.add(message.deliveryTag, delivery);
    this.#options.onArrival(delivery);
  }

  #finish(reason: Error): void {
    if (this.#over !== undefined) return;
    this.#over = reason;
    this.#consumerTag = undefined;
    if (this.#channel.active) void this.#channel.close();
    this.#end(reason);
  }
}
