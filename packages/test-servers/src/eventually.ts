import { setTimeout as pause } from "node:timers/promises";
import { TestServerError } from "./test-server-error.js";

/** Long enough for a loaded two-core machine; a condition that holds earlier returns at once. */
const DEFAULT_DEADLINE_MS = 30_000;
const DEFAULT_INTERVAL_MS = 20;

/** How {@link eventually} waits. */
export interface EventuallyOptions {
  /** What is waited for, as the error names it: "the queue to be empty". */
  readonly what?: string;
  /** After this many milliseconds the wait is an error. Default 30,000. */
  readonly deadlineMs?: number;
  /** Milliseconds between two looks. Default 20. */
  readonly intervalMs?: number;
}

/**
 * Waits until `condition` returns something truthy, and returns that. A condition that throws (an `expect` inside, say)
 * counts as "not yet"; its last error becomes the `cause` when the deadline passes.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false | 0 | "" | null | undefined>> {
  const { what = "the condition", deadlineMs = DEFAULT_DEADLINE_MS, intervalMs = DEFAULT_INTERVAL_MS } = options;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | 0 | "" | null | undefined>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      const last = cause instanceof Error ? `: ${cause.message}` : "";
      throw new TestServerError(`Waited ${deadlineMs} ms in vain for ${what}${last}`, { cause });
    }
    await pause(intervalMs);
  }
}
