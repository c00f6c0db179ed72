/**
 * Why a message became a dead letter.
 *
 * - `retries-exhausted`: the handler failed and no attempt was left
 * - `not-retryable`: the handler failed with an error that the retry policy excludes
 * - `timeout`: the last attempt exceeded the task's `timeoutMs`
 * - `rejected`: the handler called `ctx.fail()`, or a consumer refused the message without a record
 * - `invalid-input`: the task's schema refused the input at the worker
 * - `undecodable`: the body is no envelope of a known version
 * - `unknown-task`: no worker knew the task's name for as long as `unknownTask` allows
 * - `delivery-limit`: handed out too often without being settled, as when a task kills its process
 * - `maybe-executed`: at most once, and handed out before, so it may have run
 * - `expired`: it waited longer than the broker was told to keep it
 */
export type DeadLetterReason =
  | "retries-exhausted"
  | "not-retryable"
  | "timeout"
  | "rejected"
  | "invalid-input"
  | "undecodable"
  | "unknown-task"
  | "delivery-limit"
  | "maybe-executed"
  | "expired";

/** An error as data. Texts are cut to bounded lengths before they are stored. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** What is known of a dead letter beside its body. Every field that could not be known is absent. */
export interface DeadLetterRecord {
  readonly reason: DeadLetterReason;
  /** The queue that the message came from. */
  readonly queue: string;
  /** Milliseconds since the epoch at which it became a dead letter. */
  readonly failedAt: number;
  /** Executions that were started, this one included; 0 if it never ran. */
  readonly attempts: number;
  readonly deliveryCount: number;
  /** Id, name and times from the envelope, where it could be decoded. */
  readonly taskId?: string;
  readonly taskName?: string;
  readonly enqueuedAt?: number;
  readonly firstFailureAt?: number;
  readonly error?: ErrorRecord;
  /** Name of the worker that buried it. */
  readonly worker?: string;
}

/** A dead letter on its way to the broker: the record, and the original body byte for byte. */
export interface DeadLetter {
  readonly record: DeadLetterRecord;
  readonly body: Uint8Array;
}

/** A dead letter as the broker keeps it. `id` names it to `QueueAdmin` and never changes. */
export interface StoredDeadLetter extends DeadLetter {
  readonly id: string;
}
