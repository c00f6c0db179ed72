/**
 * What a driver can do, as a constant record. The conformance suite reads its expectations from here: a stated ability
 * is tested, and for a missing one the refusal is tested. Unsupported use rejects with an `UnsupportedError`; nothing
 * is ignored silently.
 */
export interface BrokerCapabilities {
  /** Number of priorities: 10 for 0 to 9; 1 where every message has the same. */
  readonly priorityLevels: number;
  /**
   * `strict` (the same as not given): a higher priority is handed out before every lower one. `coarse`: it is preferred,
   * some priorities may count as the same, and lower ones get a share.
   */
  readonly priorityOrder?: "strict" | "coarse";
  /**
   * How delays are kept: a message is handed out at its time or up to about `precisionMs` later, never earlier; longer
   * delays than `maxMs` are refused.
   */
  readonly delay: { readonly precisionMs: number; readonly maxMs: number };
  /** Whether stored messages survive the end of the process that sent them. */
  readonly durable: boolean;
  /** Whether first hand-outs of equal priority come in the order of publishing, given one consumer. */
  readonly ordering: "fifo" | "none";
  /** Whether an `ack` that resolved without `lost` certainly took, and cannot be undone by a lost connection. */
  readonly settleConfirmed: boolean;
  /** Whether `deliveryCount` is exact. */
  readonly countsDeliveries: boolean;
  /** Whether a retry stores the replacement and removes the original in one step that a crash cannot split. */
  readonly atomicRetry: boolean;
  /** Whether `dedupeMs` is honoured. */
  readonly dedupe: boolean;
  /**
   * How a delivery outlives its consumer's silence: `lease` means that it must be renewed in time and is taken over
   * when it is not; `connection` means that it lasts as long as the connection.
   */
  readonly ownership: "lease" | "connection";
  /** Whether messages can be routed by exchanges and routing keys of the user's own. */
  readonly routing: boolean;
  /** Whether `QueueAdmin` can count the messages of these states; where it cannot, it says undefined, and purging leaves delayed ones. */
  readonly counts: { readonly delayed: boolean; readonly inFlight: boolean };
}
