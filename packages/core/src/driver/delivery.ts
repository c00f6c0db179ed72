/**
 * One hand-out of one message to one consumer. It is settled exactly through the consumer that received it; the object
 * itself carries what the driver needs for that (its queue, its place, its lease), so settling can never be aimed at
 * another queue or another generation of a channel.
 */
export interface Delivery {
  /** The broker's own name for the stored message, for logs. The envelope's id is in the body. */
  readonly id: string;
  readonly queue: string;
  /** The stored bytes, unchanged, whether or not they are an envelope. */
  readonly body: Uint8Array;
  /**
   * Which hand-out of this stored message this is, from 1. A retry's replacement and a message given back unstarted
   * may start again at 1. Drivers without `capabilities.countsDeliveries` report 1, or at least 2 when
   * `redelivered`.
   */
  readonly deliveryCount: number;
  /**
   * Whether this stored message may have been handed out before. False only if it certainly was not. What was given
   * back (by `requeue` or `close`) may count as stored anew, and a message at most once does: it was certainly not
   * run, and `redelivered` would forbid that it ever is.
   */
  readonly redelivered: boolean;
}
