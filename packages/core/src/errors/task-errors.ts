import { ChicoryError } from "./chicory-error.js";

/** The handler did not end within the task's `timeoutMs`; its `ctx.signal` was aborted with this error. */
export class TaskTimeoutError extends ChicoryError {
  static override readonly kind = "TaskTimeoutError";

  constructor(taskName: string, timeoutMs: number) {
    super("CHICORY_TASK_TIMEOUT", `Task "${taskName}" did not end within its timeout of ${timeoutMs} ms`);
  }
}

/** What a handler may say when it asks for another attempt. */
export interface RetryRequestOptions {
  /** Pause before the next attempt in milliseconds; the task's retry policy decides if it is not given. */
  readonly delayMs?: number;
  /** Why, for the dead letter should no attempt be left. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/** Thrown by `ctx.retry()`: this attempt is over, try again. It counts against `maxRetries`. */
export class TaskRetryError extends ChicoryError {
  static override readonly kind = "TaskRetryError";

  readonly delayMs: number | undefined;

  constructor(options: RetryRequestOptions = {}) {
    super(
      "CHICORY_TASK_RETRY",
      options.reason ?? "The handler asked for another attempt",
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.delayMs = options.delayMs;
  }
}

/** Thrown by `ctx.fail()`: no further attempt makes sense. The task becomes a dead letter with reason `rejected`. */
export class TaskFailedError extends ChicoryError {
  static override readonly kind = "TaskFailedError";

  constructor(reason: string, options?: ErrorOptions) {
    super("CHICORY_TASK_FAILED", reason, options);
  }
}

/** Why `ctx.signal` aborted: the broker gave this task to another worker, since this one seemed dead. */
export class LeaseLostError extends ChicoryError {
  static override readonly kind = "LeaseLostError";

  constructor(taskName: string) {
    super(
      "CHICORY_LEASE_LOST",
      `The lease on task "${taskName}" was lost: another worker may run it, and what this one returns is not settled`,
    );
  }
}

/** Why `ctx.signal` aborted: the worker is stopping and its shutdown timeout has passed. */
export class ShutdownError extends ChicoryError {
  static override readonly kind = "ShutdownError";

  constructor(message = "The worker is stopping and its shutdown timeout has passed") {
    super("CHICORY_SHUTDOWN", message);
  }
}

/** The worker could not go on by itself: `run()` rejects with this, and the command exits non-zero. */
export class WorkerError extends ChicoryError {
  static override readonly kind = "WorkerError";

  constructor(message: string, options?: ErrorOptions) {
    super("CHICORY_WORKER", message, options);
  }
}
