import { eventually } from "@chicory/test-servers";
import type { OpenRelay } from "../contenders/relay.js";
import { payloads } from "../payload.js";
import { countOf, type Measure, type RoundCount } from "../workload.js";
import { withRelay } from "./with-relay.js";

/** Messages of one batch. */
const CHUNK = 1_000;

/** Attempts of each task. */
const ATTEMPTS = 2;

/** Longest time for all attempts, in milliseconds. */
const DEADLINE_MS = 120_000;

/** Measures how many tasks a second fail, are tried a second time, fail again, and are kept as failed for good. */
export function failing(open: OpenRelay, tasks: RoundCount): Measure {
  return async (round) => {
    const count = countOf(tasks, round);
    let executions = 0;
    let lastAt = 0;
    return withRelay(open, {
      round,
      options: { attempts: ATTEMPTS },
      task() {
        executions += 1;
        lastAt = performance.now();
        throw new Error("This task fails, as it is meant to");
      },
      async measure(relay) {
        for (let from = 0; from < count; from += CHUNK) {
          const chunk = payloads(from, Math.min(count, from + CHUNK));
          await relay.sendAll(chunk.map((payload) => ({ payload })));
        }
        const startedAt = performance.now();
        await relay.start();
        await eventually(async () => executions >= count * ATTEMPTS && (await relay.failed()) === count, {
          what: `${count} tasks to be kept as failed`,
          deadlineMs: DEADLINE_MS,
        });
        if (executions !== count * ATTEMPTS) throw new Error(`${count} tasks had ${executions} attempts`);
        return { rate: (count * 1_000) / (lastAt - startedAt) };
      },
    });
  };
}
