import type { Channel, Envelope, ReturnedMessage } from "rabbitmq-client";
import { joinWrites } from "./client-internals.js";
import { codeOf } from "./errors.js";
import type { Parcel } from "./parcel.js";

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

interface Entry {
  readonly parcel: Parcel;
  returned: boolean;
}

const STORED: Confirmation = { kind: "stored" };
const RETURNED: Confirmation = { kind: "returned" };
const REFUSED: Confirmation = { kind: "refused" };

/** A channel on which the server confirms every message, with a window of those that it has not confirmed yet. */
export class ConfirmChannel {
  readonly #channel: Channel;
  readonly #joinWrites: () => void;
  readonly #entries = new Set<Entry>();
  readonly #waiting: (() => void)[] = [];
  readonly #confirmed: (() => void)[] = [];
  #bytes = 0;
  #retired = false;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#joinWrites = joinWrites(channel);
    channel.on("basic.return", (message) => this.#onReturn(message));
    channel.on("close", () => {
      for (const resume of this.#waiting.splice(0)) resume();
    });
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
    while (this.full) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Writes a parcel at once, and calls back once with what the server said. Parcels are stored in the order of their writing. */
  send(parcel: Parcel, onConfirmation: (confirmation: Confirmation) => void): void {
    const entry: Entry = { parcel, returned: false };
    this.#entries.add(entry);
    this.#bytes += parcel.body.byteLength;
    this.#joinWrites();
    this.#channel.basicPublish(envelopeOf(parcel), parcel.body).then(
      () => this.#afterThisTurn(() => this.#settle(entry, entry.returned ? RETURNED : STORED, onConfirmation)),
      (error: unknown) => {
        const refused = codeOf(error) === "NACK";
        const alone = this.#entries.size === 1;
        this.#settle(entry, refused ? REFUSED : { kind: "unanswered", error, alone }, onConfirmation);
      },
    );
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

  /** The client tells of a returned message one turn after it confirmed it. */
  #afterThisTurn(step: () => void): void {
    this.#confirmed.push(step);
    if (this.#confirmed.length > 1) return;
    setImmediate(() => {
      for (const confirmed of this.#confirmed.splice(0)) confirmed();
    });
  }

  #settle(entry: Entry, confirmation: Confirmation, onConfirmation: (confirmation: Confirmation) => void): void {
    this.#entries.delete(entry);
    this.#bytes -= entry.parcel.body.byteLength;
    onConfirmation(confirmation);
    if (this.#retired && this.#entries.size === 0) void this.#channel.close();
    if (this.#waiting.length > 0 && !this.full) for (const resume of this.#waiting.splice(0)) resume();
  }

  #onReturn({ messageId, exchange, routingKey }: ReturnedMessage): void {
    for (const entry of this.#entries) {
      const { parcel } = entry;
      if (entry.returned || parcel.properties.messageId !== messageId) continue;
      if (parcel.exchange !== exchange || parcel.routingKey !== routingKey) continue;
      entry.returned = true;
      return;
    }
  }
}

function envelopeOf({ exchange, routingKey, properties }: Parcel): Envelope {
  return Object.assign({ exchange, routingKey, mandatory: true, durable: true }, properties) as Envelope;
}
