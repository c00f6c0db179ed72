import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "@chicory/test-servers";
import type { OpenRelay, Relay } from "../contenders/relay.js";
import { indexOf, payload } from "../payload.js";
import { countOf, type Measure, type RoundCount } from "../workload.js";
import { percentiles } from "./percentiles.js";
import { withRelay } from "./with-relay.js";

const MICROS_PER_MS = 1_000;

/** Tasks that are sent and not yet executed while the maximum is looked for. */
const IN_FLIGHT = 100;

/** How long each of the two parts takes, in milliseconds. */
const PART_MS: RoundCount = { quick: 500, full: 1_000 };

/** Part of its maximum that a contender is loaded with. */
const LOAD = 0.5;

/**
 * Finds out how many tasks a second a contender sends and executes, then sends half as many at an even pace, and
 * measures from the time at which a send was due to the call of its handler: a contender that is late with its sends
 * does not look fast for it.
 */
export function loadedLatency(open: OpenRelay): Measure {
  return async (round) => {
    const partMs = countOf(PART_MS, round);
    const executed = new Executed();
    return withRelay(open, {
      round,
      task: (arrived) => executed.add(indexOf(arrived)),
      async measure(relay) {
        await relay.start();
        const first = await sendAtMost(relay, executed, partMs);
        const maximum = (first * 1_000) / partMs;
        const latencies = await sendEvenly(relay, executed, { first, perMs: (maximum * LOAD) / 1_000, partMs });
        return { maximum, ...percentiles(latencies) };
      },
    });
  };
}

/** When each task was executed. */
class Executed {
  readonly at: number[] = [];
  readonly #waiting = new Map<number, () => void>();

  add(index: number): void {
    this.at[index] = performance.now();
    this.#waiting.get(index)?.();
    this.#waiting.delete(index);
  }

  wait(index: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(index, resolve);
    });
  }
}

/** Keeps so many tasks under way for a while; returns how many were executed. */
async function sendAtMost(relay: Relay, executed: Executed, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let next = 0;
  const lane = async () => {
    while (performance.now() < end) {
      const index = next;
      next += 1;
      await Promise.all([executed.wait(index), relay.send({ payload: payload(index) })]);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return next;
}

/** Sends at an even pace for a while; returns each task's time from when its send was due, in microseconds. */
async function sendEvenly(
  relay: Relay,
  executed: Executed,
  { first, perMs, partMs }: { readonly first: number; readonly perMs: number; readonly partMs: number },
): Promise<readonly number[]> {
  const count = Math.max(1, Math.floor(perMs * partMs));
  const startedAt = performance.now();
  const sends: Promise<unknown>[] = [];
  while (sends.length < count) {
    const due = Math.min(count, Math.floor((performance.now() - startedAt) * perMs));
    while (sends.length < due) sends.push(relay.send({ payload: payload(first + sends.length) }));
    await pause(1);
  }
  await Promise.all(sends);
  const isDone = () => sends.every((_, offset) => executed.at[first + offset] !== undefined);
  await eventually(isDone, { what: "every task to be executed" });
  return sends.map((_, offset) => ((executed.at[first + offset] ?? 0) - startedAt - offset / perMs) * MICROS_PER_MS);
}
