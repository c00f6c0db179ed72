import type { Channel } from "rabbitmq-client";
import type { IncomingMessage } from "../amqp/channel-reader.js";
import { wireOf } from "../amqp/client-internals.js";
import { ask } from "../connection/ask.js";
import { within } from "../connection/deadline.js";
import { unanswered } from "../errors.js";
import type { StoredMessage } from "../messages/stored-message.js";

/**
 * Messages of one helping. Fetched one by one, ten thousand letters would be as many round trips; and all of a helping are
 * in memory at once, of up to a megabyte each.
 */
const HELPING = 100;

/** A message that a reader has passed. */
export interface PassedMessage extends StoredMessage {
  readonly deliveryTag: number;
}

/**
 * Reads a classic queue from its head on. What it has passed stays with the channel, unacknowledged, until it is put
 * back there. Messages come in helpings, each by a consumer of its own whose prefetch is its size: AMQP has no other way
 * to ask for several and no more.
 */
export class QueueReader {
  readonly #channel: Channel;
  readonly #serverQueue: string;
  readonly #timeoutMs: number;
  readonly #what: string;
  #helping: PassedMessage[] = [];
  #at = 0;
  #size = 0;
  #onComplete: () => void = () => undefined;

  /** The channel must be one that nobody else listens to. */
  constructor(channel: Channel, serverQueue: string, timeoutMs: number) {
    this.#channel = channel;
    this.#serverQueue = serverQueue;
    this.#timeoutMs = timeoutMs;
    this.#what = `look through queue "${serverQueue}"`;
    wireOf(channel).listen(channel, { onDelivery: (message) => this.#onMessage(message) });
  }

  /** The next message, or undefined at the end. */
  async next(): Promise<PassedMessage | undefined> {
    if (this.#at === this.#helping.length) await this.#fetch();
    const message = this.#helping[this.#at];
    if (message !== undefined) this.#at += 1;
    return message;
  }

  async #fetch(): Promise<void> {
    this.#helping = [];
    this.#at = 0;
    this.#size = Math.min(await this.#waiting(), HELPING);
    if (this.#size === 0) return;
    const complete = new Promise<void>((resolve) => {
      this.#onComplete = resolve;
    });
    await this.#ask(this.#channel.basicQos({ prefetchCount: this.#size }));
    const consuming = this.#channel.basicConsume({ queue: this.#serverQueue }, () => undefined);
    const { consumerTag } = await this.#ask(consuming);
    await this.#arrival(complete);
    await this.#ask(this.#channel.basicCancel(consumerTag));
    // What was on its way comes after the confirmation, and before any later answer.
    await this.#waiting();
  }

  /** Resolves when the helping is there, or all of it that has not been purged meanwhile. */
  async #arrival(complete: Promise<void>): Promise<void> {
    for (;;) {
      const before = this.#helping.length;
      try {
        return await within(complete, this.#timeoutMs, () => unanswered(this.#what, this.#timeoutMs));
      } catch (error) {
        if (this.#helping.length > before) continue;
        if ((await this.#waiting()) > 0) throw error;
        return;
      }
    }
  }

  #onMessage({ deliveryTag, body, properties: { headers, messageId, timestamp } }: IncomingMessage): void {
    this.#helping.push({
      deliveryTag,
      body,
      ...(headers === undefined ? {} : { headers }),
      ...(messageId === undefined ? {} : { messageId }),
      ...(timestamp === undefined ? {} : { timestamp }),
    });
    if (this.#helping.length === this.#size) this.#onComplete();
  }

  /** Messages that no consumer was handed. */
  async #waiting(): Promise<number> {
    const { messageCount } = await this.#ask(this.#channel.queueDeclare({ queue: this.#serverQueue, passive: true }));
    return messageCount;
  }

  #ask<T>(answer: Promise<T>): Promise<T> {
    return ask(answer, this.#what, this.#timeoutMs);
  }
}
