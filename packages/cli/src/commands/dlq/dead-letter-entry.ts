import type { DeadLetterReason, ErrorRecord, StoredDeadLetter } from "@chicory/core";
import { redactUrls } from "../../errors/redact.js";

/** A dead letter as `chicory dlq list --json` prints it. Times are milliseconds since the epoch. */
export interface DeadLetterEntry {
  /** Names the letter to `dlq show`, `replay` and `remove`. */
  readonly id: string;
  readonly reason: DeadLetterReason;
  readonly failedAt: number;
  readonly attempts: number;
  readonly deliveryCount: number;
  readonly taskId: string | null;
  readonly taskName: string | null;
  readonly enqueuedAt: number | null;
  readonly firstFailureAt: number | null;
  readonly worker: string | null;
  readonly error: Omit<ErrorRecord, "stack"> | null;
}

/** What is told of a letter without its body, which only `dlq show` prints, and without the error's stack. */
export function toEntry({ id, record }: StoredDeadLetter): DeadLetterEntry {
  const { error } = record;
  return {
    id,
    reason: record.reason,
    failedAt: record.failedAt,
    attempts: record.attempts,
    deliveryCount: record.deliveryCount,
    taskId: record.taskId ?? null,
    taskName: record.taskName ?? null,
    enqueuedAt: record.enqueuedAt ?? null,
    firstFailureAt: record.firstFailureAt ?? null,
    worker: record.worker ?? null,
    error:
      error === undefined
        ? null
        : {
            name: error.name,
            message: redactUrls(error.message),
            ...(error.code === undefined ? {} : { code: error.code }),
          },
  };
}

/** A time as people read it. */
export function showTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

/** An error on one line. */
export function showError(error: Pick<ErrorRecord, "name" | "message"> | null): string {
  return error === null ? "" : `${error.name}: ${error.message}`;
}
