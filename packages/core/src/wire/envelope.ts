import type { DeliveryMode } from "../delivery-mode.js";

/** The version of the envelope that this release writes, and the only one that it reads. */
export const WIRE_VERSION = 1;

/** The last failure of a task, as it travels with the next attempt. */
export interface FailureSummary {
  readonly name: string;
  readonly message: string;
}

/**
 * A message as it stands on the wire: one JSON object in UTF-8, the same on every broker, so that any client of the
 * broker can write and read it. `schema/envelope-v1.schema.json` says the same in JSON Schema.
 *
 * Fields that this release does not know survive a retry unchanged.
 */
export interface Envelope {
  readonly v: typeof WIRE_VERSION;
  /** Identifies the task's message over all its attempts. */
  readonly id: string;
  /** Name of the task, as given to `app.task`. */
  readonly name: string;
  /** The task's input; absent for a task that takes none. */
  readonly input?: unknown;
  /** Attempts that failed before this one. */
  readonly retries: number;
  /** When it was first sent, in milliseconds since the epoch, by the sender's clock. */
  readonly enqueuedAt: number;
  readonly mode?: DeliveryMode;
  /** Not to be executed before this time, in milliseconds since the epoch. */
  readonly eta?: number;
  /** 0 to 9; absent means 0. */
  readonly priority?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly firstFailureAt?: number;
  readonly lastError?: FailureSummary;
  readonly [unknownField: string]: unknown;
}

/** Highest priority that a message can have. */
export const MAX_PRIORITY = 9;
