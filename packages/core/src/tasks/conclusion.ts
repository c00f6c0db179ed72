import type { DeadLetterReason } from "../driver/dead-letter.js";
import type { Settlement } from "../driver/settlement.js";
import { TaskFailedError, TaskRetryError, TaskTimeoutError } from "../errors/task-errors.js";
import { deadLetterFor, type Run, replacementFor } from "./admission.js";
import type { AttemptResult } from "./attempt-result.js";
import { toErrorRecord } from "./error-record.js";
import { isRetryable, MAX_RETRY_DELAY_MS, retryDelayMs } from "./retry-policy.js";

type FailedAttempt = Exclude<AttemptResult, { kind: "returned" }>;

/** How an attempt at a task at least once is settled, and how it is to be reported. */
export type Conclusion =
  | { readonly kind: "succeeded"; readonly settlement: Settlement }
  | { readonly kind: "retried"; readonly settlement: Settlement; readonly delayMs: number }
  | { readonly kind: "deadLettered"; readonly settlement: Settlement; readonly reason: DeadLetterReason };

/** What the decision depends on besides the attempt itself. */
export interface ConclusionInput {
  readonly worker: string;
  /** The worker's time in milliseconds since the epoch. */
  readonly now: number;
  /** A number from 0 to below 1, for jitter. */
  readonly random: number;
}

/** Decides what follows an attempt: done, another attempt, or the dead letters. Pure. */
export function conclude(run: Run, result: AttemptResult, input: ConclusionInput): Conclusion {
  const { delivery, message, task } = run;
  if (result.kind === "returned") return { kind: "succeeded", settlement: { kind: "ack", delivery } };
  const { error } = result;
  const { worker, now, random } = input;
  const reason = finalReason(run, result);
  if (reason !== undefined) {
    const attempts = result.kind === "refused" ? message.retries : message.retries + 1;
    const letter = deadLetterFor({ delivery, message, reason, error: toErrorRecord(error), attempts, worker, now });
    return { kind: "deadLettered", reason, settlement: { kind: "deadLetter", delivery, letter } };
  }
  const delayMs = askedDelayMs(error) ?? retryDelayMs(task.retry, message.retries, random);
  const { name, message: text } = toErrorRecord(error);
  const next = {
    ...message,
    retries: message.retries + 1,
    firstFailureAt: message.firstFailureAt ?? now,
    lastError: { name, message: text },
  };
  const replacement = replacementFor(delivery, next, run.mode, delayMs === 0 ? undefined : now + delayMs);
  return { kind: "retried", delayMs, settlement: { kind: "retry", delivery, replacement } };
}

/** The pause that the handler asked for, in whole milliseconds; what is none (negative, NaN) leaves it to the policy. */
function askedDelayMs(error: unknown): number | undefined {
  if (!(error instanceof TaskRetryError) || error.delayMs === undefined || !(error.delayMs >= 0)) return undefined;
  return Math.ceil(Math.min(error.delayMs, MAX_RETRY_DELAY_MS));
}

/** Why no further attempt follows, or undefined if one does. */
function finalReason({ task, message }: Run, result: FailedAttempt): DeadLetterReason | undefined {
  const { error } = result;
  if (result.kind === "refused") return "invalid-input";
  if (error instanceof TaskFailedError) return "rejected";
  // Asking for another attempt overrides the policy's choice of errors, not its number of attempts.
  if (!(error instanceof TaskRetryError) && !isRetryable(task.retry, error)) return "not-retryable";
  if (message.retries < task.retry.maxRetries) return undefined;
  return error instanceof TaskTimeoutError ? "timeout" : "retries-exhausted";
}
