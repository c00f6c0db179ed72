import type { DeliveryMode } from "../delivery-mode.js";

/** Where a message goes instead of straight to its queue. */
export interface MessageRoute {
  /** An exchange that exists on the broker. */
  readonly exchange: string;
  readonly routingKey: string;
  /** For an exchange that routes by headers. */
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
}

/** A message on its way to a broker, as a driver sees it: bytes with what the broker must know to move them. */
export interface OutgoingMessage {
  /** The message's id, unique among messages of this queue. With `dedupeMs` it is what makes repeating safe. */
  readonly id: string;
  /** A valid queue name; the driver creates the queue if it does not exist. */
  readonly queue: string;
  /** The encoded envelope. A string is stored as UTF-8; bytes are stored as they are. */
  readonly body: string | Uint8Array;
  /** Whether the way to the worker may duplicate this message. */
  readonly mode: DeliveryMode;
  /**
   * 0 (the default priority) to `capabilities.priorityLevels - 1`; higher is handed out first. Anything else is
   * refused with an `UnsupportedError`.
   */
  readonly priority: number;
  /** Milliseconds since the epoch before which the message must not be handed out, by the broker's clock. */
  readonly notBefore?: number;
  /**
   * For this many milliseconds from its storing, a message that carries `dedupeMs` and has the same id and queue is
   * not stored again: publishing it resolves and changes nothing. A message that was refused is not remembered, and
   * replacements of a retry or a replay are always stored. Needs `capabilities.dedupe`.
   */
  readonly dedupeMs?: number;
  /**
   * Publishes to an exchange of the user's own, whose bindings decide which queues get a copy; none is a refusal.
   * `queue` is then for logs only. Needs `capabilities.routing`; core asks before it calls the driver.
   */
  readonly route?: MessageRoute;
}
