import { setTimeout as pause } from "node:timers/promises";
import type { OpenRelay } from "../contenders/relay.js";
import { payload } from "../payload.js";
import { countOf, type Measure, type RoundCount } from "../workload.js";
import { percentiles } from "./percentiles.js";
import { withRelay } from "./with-relay.js";

const MICROS_PER_MS = 1_000;

/** Sends of a round before it is measured. */
const FIRST_SENDS = 50;

/** Time between a task and the next, in milliseconds, so that the worker waits on an empty queue again. */
const PAUSE_MS = 3;

/** Measures the time from the call of a send to the call of the handler while nothing else is to be done. */
export function idleLatency(open: OpenRelay, sends: RoundCount): Measure {
  return async (round) => {
    let sentAt = 0;
    let arrived: (latency: number) => void = () => undefined;
    return withRelay(open, {
      round,
      task: () => arrived((performance.now() - sentAt) * MICROS_PER_MS),
      async measure(relay) {
        await relay.start();
        const latencies: number[] = [];
        for (let sent = 0; sent < FIRST_SENDS + countOf(sends, round); sent += 1) {
          const executed = new Promise<number>((resolve) => {
            arrived = resolve;
          });
          sentAt = performance.now();
          const [latency] = await Promise.all([executed, relay.send({ payload: payload(sent) })]);
          if (sent >= FIRST_SENDS) latencies.push(latency);
          await pause(PAUSE_MS);
        }
        return percentiles(latencies);
      },
    });
  };
}
