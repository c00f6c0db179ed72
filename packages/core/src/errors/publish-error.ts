import type { OutgoingMessage } from "../driver/outgoing-message.js";
import { ChicoryError } from "./chicory-error.js";

/**
 * What is known of a message whose publishing failed.
 *
 * - `rejected`: certainly not stored. Sending it again cannot duplicate it.
 * - `unknown`: it may or may not be stored, since the connection broke or the time ran out after it was written.
 */
export type PublishOutcome = "rejected" | "unknown";

/** One message of a batch that was not certainly stored. */
export interface PublishFailure {
  readonly message: OutgoingMessage;
  readonly outcome: PublishOutcome;
  /** Why, as an error of Chicory's tree; a `BrokerError` says by `retryable` whether repeating may help. */
  readonly cause: Error;
}

/**
 * One or more messages of a publish were not certainly stored. Messages of the same call that are not among
 * `failures` are stored.
 */
export class PublishError extends ChicoryError {
  static override readonly kind = "PublishError";

  /** `unknown` if that is the outcome of any failure, else `rejected`. */
  readonly outcome: PublishOutcome;
  /** Every message of the call that is not certainly stored, in the order of the call. */
  readonly failures: readonly PublishFailure[];

  constructor(failures: readonly PublishFailure[]) {
    const [first] = failures;
    if (first === undefined) throw new TypeError("a PublishError needs at least one failure");
    super("CHICORY_PUBLISH", describe(failures, first), { cause: first.cause });
    this.failures = failures;
    this.outcome = outcomeOf(failures);
    // The messages hold task input: kept out of what a logger or `util.inspect` would print.
    Object.defineProperty(this, "failures", { enumerable: false });
  }
}

function outcomeOf(failures: readonly PublishFailure[]): PublishOutcome {
  return failures.some((failure) => failure.outcome === "unknown") ? "unknown" : "rejected";
}

function describe(failures: readonly PublishFailure[], first: PublishFailure): string {
  const what =
    failures.length === 1
      ? `Message ${first.message.id} for queue "${first.message.queue}"`
      : `${failures.length} messages, the first of them ${first.message.id} for queue "${first.message.queue}",`;
  const fate =
    outcomeOf(failures) === "rejected"
      ? `${failures.length === 1 ? "was" : "were"} not stored`
      : "may or may not be stored";
  return `${what} ${fate}: ${first.cause.message}`;
}
