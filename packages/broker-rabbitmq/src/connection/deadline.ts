import { setTimeout as sleep } from "node:timers/promises";

/**
 * Rejects with `error()` if the promise is not settled in time. What it settles with later is of no interest, and a
 * late rejection is not an unhandled one.
 */
export async function within<T>(promise: Promise<T>, timeoutMs: number, error: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), timeoutMs);
    timer.unref();
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits; ends early and without an error when the signal aborts. Does not keep the process alive. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) });
  } catch {
    // Aborted: whoever waited looks at the signal.
  }
}
