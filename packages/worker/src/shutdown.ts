import { type Deadline, within } from "./deadline.js";

/** How long handlers may take to end after their signal aborted, in milliseconds: to clean up, not to go on. */
const ABORT_GRACE_MS = 1_000;

/** Longest wait for the last settlements, in milliseconds: what a broker that lives needs, many times over. */
const FLUSH_TIMEOUT_MS = 5_000;

/** A queue as a shutdown sees it. */
export interface Stoppable {
  halt(): void;
  whenIdle(): Promise<void>;
  abort(): void;
  abandon(): void;
  whenSettled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Stops queues in bounded steps: fetch no more and give back what never started; let handlers end until the deadline;
 * abort their signals and give them a moment, unless somebody is in a hurry; give back what is left; write the last
 * settlements; close. Resolves to whether every handler ended by itself.
 *
 * `hurry` aborts when nobody wants to wait for handlers any more.
 */
export async function shutDown(queues: readonly Stoppable[], deadline: Deadline, hurry: AbortSignal): Promise<boolean> {
  for (const queue of queues) queue.halt();
  const idle = Promise.all(queues.map((queue) => queue.whenIdle())).then(() => true);
  const passed = deadline.passed.then(() => false);
  const ended = await Promise.race([idle, passed]);
  if (!ended) {
    for (const queue of queues) queue.abort();
    await within(ABORT_GRACE_MS, Promise.race([idle, aborted(hurry)]));
    for (const queue of queues) queue.abandon();
  }
  await within(FLUSH_TIMEOUT_MS, Promise.all(queues.map((queue) => queue.whenSettled())));
  await Promise.all(queues.map((queue) => queue.close()));
  return ended;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
