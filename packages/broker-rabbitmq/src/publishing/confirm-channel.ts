import type { Channel } from "rabbitmq-client";
import { reasonOfEnd, type Wire, wireOf } from "../amqp/client-internals.js";
import type { MessageProperties } from "../amqp/message-properties.js";
import type { Parcel } from "../messages/parcel.js";

/** Most messages written and not confirmed. The server confirms in batches, so more of them bring nothing. */
const MAX_UNCONFIRMED = 2_000;

/** Most bytes of them, so that memory on both sides is bounded whatever the messages' size. */
const MAX_UNCONFIRMED_BYTES = 16 * 1_048_576;

/** What the server said to a parcel. */
export type Confirmation =
  | { readonly kind: "stored" }
  /** No queue took it: certainly not stored. */
  | { readonly kind: "returned" }
  /** The queue refused it, being full or ill. */
  | { readonly kind: "refused" }
  /** The channel ended before an answer. `alone` says that no other parcel can be the cause. */
  | { readonly kind: "unanswered"; readonly error: unknown; readonly alone: boolean };

/** Who is told what the server said to parcels, each of which it knows by a number of its own. */
export interface Recipient {
  onConfirmation(index: number, confirmation: Confirmation): void;
}

interface Entry {
  readonly parcel: Parcel;
  readonly recipient: Recipient;
  readonly index: number;
  returned: boolean;
}

const STORED: Confirmation = { kind: "stored" };
const RETURNED: Confirmation = { kind: "returned" };
const REFUSED: Confirmation = { kind: "refused" };

/** A channel on which the server confirms every message, with a window of those that it has not confirmed yet. */
export class ConfirmChannel {
  readonly #channel: Channel;
  readonly #wire: Wire;
  /** By the server's number, which counts publishes of the channel from 1. */
  readonly #entries = new Map<number, Entry>();
  readonly #waiting: (() => void)[] = [];
  #published = 0;
  #bytes = 0;
  #retired = false;
  #error: Error | undefined;

  /** The channel has just begun to confirm, and nothing was published on it. */
  constructor(channel: Channel) {
    this.#channel = channel;
    this.#wire = wireOf(channel);
    this.#wire.listen(channel, {
      onReturn: (exchange, routingKey, { messageId }) => this.#onReturn(exchange, routingKey, messageId),
      onConfirm: (number, multiple, stored) => this.#onConfirm(number, multiple, stored),
    });
    channel.on("error", (error: Error) => {
      this.#error ??= error;
    });
    channel.on("close", () => this.#onClose());
  }

  get active(): boolean {
    return this.#channel.active;
  }

  /** Whether a parcel must wait before it may be written. */
  get full(): boolean {
    return this.active && (this.#entries.size >= MAX_UNCONFIRMED || this.#bytes >= MAX_UNCONFIRMED_BYTES);
  }

  /** Resolves when the window has room, or the channel has ended. */
  async room(): Promise<void> {
    this.flush();
    while (this.full) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Sends a parcel with the next {@link flush}, and tells once what the server said. Parcels are stored in the order
   * of their sending. Throws for one that cannot be sent, whoever sends it.
   */
  send(parcel: Parcel, recipient: Recipient, index: number): void {
    this.#wire.writer.publish(this.#channel.id, parcel);
    this.#published += 1;
    this.#entries.set(this.#published, { parcel, recipient, index, returned: false });
    this.#bytes += parcel.bodyBytes;
  }

  /** Writes what was sent. */
  flush(): void {
    this.#wire.writer.flush();
  }

  /**
   * Ends the channel as soon as every parcel on it is answered, at the latest after so many milliseconds. Nothing more is
   * to be written to it.
   */
  retire(withinMs: number): void {
    this.#retired = true;
    if (this.#entries.size === 0) void this.#channel.close();
    else setTimeout(() => void this.#channel.close(), withinMs).unref();
  }

  /** Ends the channel; parcels without an answer are settled as unanswered. */
  async close(): Promise<void> {
    await this.#channel.close();
  }

  #onConfirm(number: number, multiple: boolean, stored: boolean): void {
    if (!multiple) {
      const entry = this.#entries.get(number);
      if (entry !== undefined) this.#settle(number, entry, stored ? STORED : REFUSED);
    } else {
      for (const [earlier, entry] of this.#entries) {
        // Number 0 is all of them.
        if (earlier > number && number !== 0) break;
        this.#settle(earlier, entry, stored ? STORED : REFUSED);
      }
    }
    if (this.#retired && this.#entries.size === 0) void this.#channel.close();
    if (this.#waiting.length > 0 && !this.full) for (const resume of this.#waiting.splice(0)) resume();
  }

  #settle(number: number, entry: Entry, confirmation: Confirmation): void {
    this.#entries.delete(number);
    this.#bytes -= entry.parcel.bodyBytes;
    entry.recipient.onConfirmation(entry.index, confirmation === STORED && entry.returned ? RETURNED : confirmation);
  }

  /** A message that nobody takes comes back before it is confirmed, and without its number. */
  #onReturn(exchange: string, routingKey: string, messageId: MessageProperties["messageId"]): void {
    for (const entry of this.#entries.values()) {
      const { parcel } = entry;
      if (entry.returned || parcel.properties.messageId !== messageId) continue;
      if (parcel.exchange !== exchange || parcel.routingKey !== routingKey) continue;
      entry.returned = true;
      return;
    }
  }

  #onClose(): void {
    const error = this.#error ?? reasonOfEnd(this.#channel) ?? new Error("the channel was closed");
    const alone = this.#entries.size === 1;
    for (const [number, entry] of this.#entries) this.#settle(number, entry, { kind: "unanswered", error, alone });
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
