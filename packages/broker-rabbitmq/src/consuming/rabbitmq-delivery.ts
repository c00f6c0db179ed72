import { type Delivery, DeliveryMode } from "@chicory/core";
import type { IncomingMessage } from "../amqp/channel-reader.js";
import { HAS_HEADERS, type MessageProperties } from "../amqp/message-properties.js";
import { countHeader, HEADERS, numberHeader } from "../messages/headers.js";

/** The channel that a delivery came by, as far as settling needs it. */
export interface DeliveryChannel {
  /** Unlike that of any other channel of any process. */
  readonly id: string;
  /** Acks deliveries of this channel. Returns those for which it was too late. */
  ack(deliveries: readonly RabbitmqDelivery[]): readonly RabbitmqDelivery[];
}

/**
 * What a delivery is in at the moment.
 *
 * - `kept`: the server counts it as handed out, nobody has received it yet
 * - `open`: received and not settled
 * - `settling`: what takes its place is being stored
 * - `over`: settled
 * - `lost`: its channel is gone
 */
export type DeliveryState = "kept" | "open" | "settling" | "over" | "lost";

/** A message that the server handed out on a channel, which alone can settle it. */
export class RabbitmqDelivery implements Delivery {
  readonly queue: string;
  readonly deliveryCount: number;
  readonly #session: DeliveryChannel;
  readonly #message: IncomingMessage;
  #state: DeliveryState = "kept";
  #settling: Promise<void> | undefined;

  constructor(session: DeliveryChannel, message: IncomingMessage, queue: string) {
    this.queue = queue;
    this.#session = session;
    this.#message = message;
    this.deliveryCount = countOf(message.redelivered, this.#headers);
  }

  get id(): string {
    return `${this.#session.id}:${this.tag}`;
  }

  get body(): Uint8Array {
    return this.#message.body;
  }

  get redelivered(): boolean {
    return this.deliveryCount > 1;
  }

  get state(): DeliveryState {
    return this.#state;
  }

  set state(state: DeliveryState) {
    this.#state = state;
  }

  /** Resolves when a settlement that is under way has ended, one way or the other. */
  get settled(): Promise<void> {
    return this.#settling ?? Promise.resolve();
  }

  /** Marks it as being settled until the promise resolves. */
  settleBy(settling: Promise<void>): void {
    this.#state = "settling";
    this.#settling = settling;
  }

  get session(): DeliveryChannel {
    return this.#session;
  }

  get properties(): MessageProperties {
    return this.#message.properties;
  }

  get tag(): number {
    return this.#message.deliveryTag;
  }

  /** Whether the message must not be duplicated, and must not come back as handed out before. */
  get atMostOnce(): boolean {
    return this.#headers?.[HEADERS.mode] === DeliveryMode.AT_MOST_ONCE;
  }

  /** Milliseconds that are left until the message may be handed out. */
  restMs(now: number): number {
    const notBefore = numberHeader(this.#headers, HEADERS.notBefore);
    return notBefore === undefined ? 0 : Math.max(0, notBefore - now);
  }

  /** Nothing of it but its name and place is for logs. */
  toJSON(): { readonly id: string; readonly queue: string; readonly deliveryCount: number } {
    return { id: this.id, queue: this.queue, deliveryCount: this.deliveryCount };
  }

  /** Most messages have none, and are not looked into. */
  get #headers(): MessageProperties["headers"] {
    return (this.#message.present & HAS_HEADERS) === 0 ? undefined : this.#message.properties.headers;
  }
}

function countOf(redelivered: boolean, headers: MessageProperties["headers"]): number {
  const before = countHeader(headers, HEADERS.deliveries) ?? 0;
  const counted = countHeader(headers, "x-delivery-count");
  // A classic queue says only that the message was handed out before, and says so of too many after a crash.
  const count = before + (counted ?? (redelivered ? 1 : 0)) + 1;
  return counted === undefined ? Math.min(count, 2) : count;
}
