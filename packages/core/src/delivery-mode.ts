/**
 * When a delivery is settled relative to its handler.
 *
 * The mode is decided once, when a task is sent, and travels on the message: a worker and every driver on the way obey
 * the message, so that two differently configured processes cannot disagree about one task.
 */
export const DeliveryMode = {
  /**
   * Settled after the handler. A confirmed send is executed one or more times, or is found in the dead letters.
   * A worker that dies while it runs the task leads to another execution, so handlers should be idempotent.
   */
  AT_LEAST_ONCE: "at-least-once",
  /**
   * Settled before the handler, which runs only if that settlement certainly took. A task is never started twice;
   * it is lost if the worker dies while it runs. Such tasks cannot have retries.
   */
  AT_MOST_ONCE: "at-most-once",
} as const;

/** One of the two values of {@link DeliveryMode}, as they stand in config and on the wire. */
export type DeliveryMode = (typeof DeliveryMode)[keyof typeof DeliveryMode];

/** Every delivery mode, for schemas and for help texts. */
export const DELIVERY_MODES: readonly DeliveryMode[] = Object.values(DeliveryMode);
