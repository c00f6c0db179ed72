import { eventually } from "@chicory/test-servers";
import type { OpenRelay, Relay } from "../contenders/relay.js";
import { indexOf, type Payload, payload } from "../payload.js";
import { countOf, type Measure, type RoundCount } from "../workload.js";
import { Tally } from "./tally.js";
import { withRelay } from "./with-relay.js";

/** Messages of one batch. */
const CHUNK = 1_000;

/** Priorities that tasks have in turn. */
export const LEVELS = 10;

/** Longest time for all tasks, in milliseconds. */
const DEADLINE_MS = 120_000;

/**
 * Measures how many tasks a second are executed, and what share of the first tenth of them were of the highest
 * priority, in percent. Tasks have ten priorities in turn, or none.
 */
export function priorities(open: OpenRelay, tasks: RoundCount, hasLevels: boolean): Measure {
  return async (round) => {
    const count = countOf(tasks, round);
    const tally = new Tally(count);
    const tenth = count / LEVELS;
    let highest = 0;
    let lastAt = 0;
    return withRelay(open, {
      round,
      task(arrived) {
        if (tally.count < tenth && levelOf(arrived) === LEVELS - 1) highest += 1;
        tally.add(arrived);
        lastAt = performance.now();
      },
      async measure(relay) {
        await sendAll(relay, count, hasLevels);
        await relay.start();
        await eventually(() => tally.count >= count, { what: "every task to be executed", deadlineMs: DEADLINE_MS });
        await eventually(async () => (await relay.left()) === 0, { what: "the queue to be empty" });
        tally.assertEachOnce();
        return { rate: (count * 1_000) / (lastAt - tally.firstAt), highest: (highest * 100) / tenth };
      },
    });
  };
}

async function sendAll(relay: Relay, count: number, hasLevels: boolean): Promise<void> {
  for (let from = 0; from < count; from += CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, count - from) }, (_, offset) => payload(from + offset));
    await relay.sendAll(chunk.map((one) => (hasLevels ? { payload: one, level: levelOf(one) } : { payload: one })));
  }
}

function levelOf(one: Payload): number {
  return indexOf(one) % LEVELS;
}
