import { AsyncLocalStorage } from "node:async_hooks";
import type { RetryRequestOptions } from "../errors/task-errors.js";
import type { Logger } from "../logging/logger.js";

/** What a handler knows about the execution it is part of. */
export interface TaskContext {
  /** The message's id; the same for every attempt. */
  readonly id: string;
  /** The task's name. */
  readonly name: string;
  readonly queue: string;
  /** Which attempt this is, from 1. A redelivery after a crash repeats the number. */
  readonly attempt: number;
  /** How many attempts may follow the first. */
  readonly maxRetries: number;
  /** When the task was first sent, in milliseconds since the epoch. */
  readonly enqueuedAt: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Aborts when the task's time is up, its lease was lost, or the worker gives up waiting at shutdown; `signal.reason`
   * is a `TaskTimeoutError`, `LeaseLostError` or `ShutdownError`. Pass it to whatever can be cancelled.
   */
  readonly signal: AbortSignal;
  /** The app's logger with the task's id, name and attempt as fields. */
  readonly logger: Logger;
  /** Ends this attempt and asks for another; throws, so nothing after it runs. It counts against `maxRetries`. */
  retry(options?: RetryRequestOptions): never;
  /** Ends the task for good: it becomes a dead letter with reason `rejected`. Throws. */
  fail(reason: string, options?: ErrorOptions): never;
}

const storage = new AsyncLocalStorage<TaskContext>();

/** The context of the task in which this is called, at any depth of calls and awaits; undefined outside of one. */
export function currentTask(): TaskContext | undefined {
  return storage.getStore();
}

/** Calls a function such that {@link currentTask} answers with this context in all that it starts. */
export function runInTask<TArguments extends readonly unknown[], TResult>(
  context: TaskContext,
  run: (...args: TArguments) => TResult,
  ...args: TArguments
): TResult {
  return storage.run(context, run, ...args);
}
