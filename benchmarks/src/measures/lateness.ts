import { eventually } from "@chicory/test-servers";
import type { OpenRelay, Relay } from "../contenders/relay.js";
import { indexOf, payload } from "../payload.js";
import { countOf, type Measure, type RoundCount } from "../workload.js";
import { percentiles } from "./percentiles.js";
import { withRelay } from "./with-relay.js";

/** Messages of one batch. */
const CHUNK = 1_000;

/** Batches that are sent before anything is measured. The last of them tells how long the others will take. */
const RUN_UP_CHUNKS = 5;

/** Time for all sends before the first task is due: so many times what they take by the run-up, and in milliseconds. */
const LEAD_FACTOR = 3;
const LEAST_LEAD_MS = 500;

/** What is due so soon after the last send shows how the sends end, and not how the queue keeps time. */
const SETTLE_MS = 100;

/** Clocks are read to a millisecond on both sides. */
const CLOCK_MS = 2;

/** Longest time from the last due time to the last execution, in milliseconds. */
const DEADLINE_MS = 120_000;

/** Delayed tasks. */
export interface DelayedTasks {
  readonly tasks: RoundCount;
  /** Time over which they become due, evenly, in milliseconds; 0 for all at once. */
  readonly spreadMs: RoundCount;
}

/**
 * Measures how long after its due time each task is executed, in milliseconds, and how many a second when all are due
 * at once. A task that is executed early makes the contender broken.
 */
export function lateness(open: OpenRelay, { tasks, spreadMs }: DelayedTasks): Measure {
  return async (round) => {
    const count = countOf(tasks, round);
    const spread = countOf(spreadMs, round);
    const startedAt = new Float64Array(count);
    let executed = 0;
    return withRelay(open, {
      round,
      task(arrived) {
        const index = indexOf(arrived);
        if (index >= count) return;
        startedAt[index] = Date.now();
        executed += 1;
      },
      async measure(relay) {
        await relay.start();
        const chunkMs = await runUp(relay, count);
        const base = Date.now() + Math.max(LEAST_LEAD_MS, LEAD_FACTOR * chunkMs * (count / CHUNK));
        const dueAt = (index: number) => Math.round(base + (index * spread) / count);
        await sendAll(relay, 0, count, dueAt);
        const sentAt = Date.now() + SETTLE_MS;
        const deadlineMs = dueAt(count) - Date.now() + DEADLINE_MS;
        await eventually(() => executed >= count, { what: `${count} delayed tasks to be executed`, deadlineMs });
        const late = Array.from(startedAt, (at, index) => at - dueAt(index));
        assertNoneEarly(late);
        const measured = late.filter((_, index) => dueAt(index) >= sentAt);
        if (measured.length === 0) throw new Error("Tasks were due before all of them were sent");
        const lastAt = startedAt.reduce((latest, at) => Math.max(latest, at), 0);
        return { ...percentiles(measured), rate: (count * 1_000) / Math.max(1, lastAt - base) };
      },
    });
  };
}

/** Sends tasks beyond those that are measured, due at once; returns how long the last batch took, in milliseconds. */
async function runUp(relay: Relay, count: number): Promise<number> {
  let chunkMs = 0;
  for (let chunk = 0; chunk < RUN_UP_CHUNKS; chunk += 1) {
    const startedAt = performance.now();
    const from = count + chunk * CHUNK;
    await sendAll(relay, from, from + CHUNK, () => Date.now());
    chunkMs = performance.now() - startedAt;
  }
  return chunkMs;
}

async function sendAll(relay: Relay, first: number, end: number, dueAt: (index: number) => number): Promise<void> {
  for (let from = first; from < end; from += CHUNK) {
    const indexes = Array.from({ length: Math.min(CHUNK, end - from) }, (_, offset) => from + offset);
    await relay.sendAll(indexes.map((index) => ({ payload: payload(index), dueAt: dueAt(index) })));
  }
}

function assertNoneEarly(late: readonly number[]): void {
  const earliest = late.reduce((least, ms) => Math.min(least, ms), 0);
  if (earliest < -CLOCK_MS) throw new Error(`A task was executed ${-earliest} ms before it was due, or never`);
}
