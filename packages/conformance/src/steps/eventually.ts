import type { ScenarioContext } from "../scenario-context.js";

/** Pause between two looks at a condition, in milliseconds: short beside what a server's answer takes. */
const POLL_MS = 5;

/** A pause of real time, for polling only. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Lets turns of the event loop pass, one at least, until `check` is true. For moments that polling with a pause would
 * miss; it keeps the processor busy, so only for what comes within milliseconds.
 */
export async function turns(context: ScenarioContext, check: () => boolean): Promise<void> {
  const deadline = performance.now() + context.patienceMs;
  do {
    await new Promise((resolve) => setImmediate(resolve));
  } while (!check() && performance.now() < deadline);
}

/**
 * Repeats `check` until it does not throw, and returns what it returned. After the scenario's patience it rejects
 * with the last error. No broker time passes by itself on a virtual clock: use {@link elapseUntil} for that.
 */
export async function eventually<T>(context: ScenarioContext, check: () => Promise<T> | T): Promise<T> {
  const deadline = performance.now() + context.patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await pause(POLL_MS);
  }
}

/**
 * Lets broker time pass in small steps until `check` is true, at most `maxMs` of it. Returns whether it became true;
 * the time is measured on the broker's clock, so a loaded machine takes longer but not further.
 */
export async function elapseUntil(
  context: ScenarioContext,
  check: () => boolean,
  maxMs: number,
  stepMs = Math.max(10, Math.floor(maxMs / 200)),
): Promise<boolean> {
  const end = (await context.harness.now()) + maxMs;
  while (!check()) {
    if ((await context.harness.now()) >= end) return check();
    await context.harness.elapse(stepMs);
  }
  return true;
}

/** Rejects if the promise is not settled within the scenario's patience. */
export async function promptly<T>(context: ScenarioContext, what: string, promise: Promise<T>): Promise<T> {
  return await within(context.patienceMs, what, promise);
}

/** Rejects if the promise is not settled within `ms` of real time; `what` names it in the error. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} was not over after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
