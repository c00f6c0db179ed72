import type { DeadLetter } from "./dead-letter.js";
import type { Delivery } from "./delivery.js";
import type { OutgoingMessage } from "./outgoing-message.js";

/**
 * What becomes of a delivery. Each kind is one step that cannot lose the message: whatever takes its place is stored
 * first, then the original goes. A driver decides nothing here; when to retry or bury is the worker's policy.
 *
 * - `ack`: done; the message is deleted from the broker. `beforeRun` says that the handler is called only once this
 *   took, and must never be called for this message again: a driver that can make an ack survive the loss of a server
 *   does so before it resolves, as far as it is configured to.
 * - `requeue`: given back as it is, to be handed out again, by a way that keeps a message at most once runnable.
 * - `retry`: `replacement`, a message for the delivery's own queue, is stored (now, or not before its time), and the
 *   original is gone. A full queue takes it all the same, since it takes the original's place.
 * - `deadLetter`: `letter` is stored among the queue's dead letters, and the original is gone.
 */
export type Settlement =
  | { readonly kind: "ack"; readonly delivery: Delivery; readonly beforeRun?: true }
  | { readonly kind: "requeue"; readonly delivery: Delivery }
  | { readonly kind: "retry"; readonly delivery: Delivery; readonly replacement: OutgoingMessage }
  | { readonly kind: "deadLetter"; readonly delivery: Delivery; readonly letter: DeadLetter };

/** How a call of `settle` ended for the deliveries that this consumer no longer held. */
export interface SettleResult {
  /**
   * Deliveries whose settlement did not take because the lease was gone, or because they were settled before.
   * Nothing was stored for them. For a task at most once that was acked, this means: do not run it. Of all
   * settlements by whoever was handed the same stored message, at most one takes.
   */
  readonly lost: readonly Delivery[];
}
