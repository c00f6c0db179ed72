import type { OpenRelay } from "../contenders/relay.js";
import { payloads } from "../payload.js";
import type { Measure } from "../workload.js";

/** Tasks that are drained in a round beside those that wait all the time. */
const DRAINED = 50_000;

/** Of those, executed before the clock runs, so that the worker is running. */
const RUN_UP = 10_000;

/** Messages of one batch. */
const CHUNK = 1_000;

/**
 * Measures how many tasks a second are executed while at least `waiting` wait: fills the queue up, drains what it holds
 * beyond them, and leaves the rest to the next round, on a server that other contenders of the workload fill as well.
 */
export function drainingPart(open: OpenRelay, waiting: number): Measure {
  return async (round) => {
    let executed = 0;
    let startedAt = 0;
    let finish: (at: number) => void = () => undefined;
    const drained = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const relay = await open(round, () => {
      if (executed === RUN_UP) startedAt = performance.now();
      executed += 1;
      if (executed === DRAINED) finish(performance.now());
    });
    try {
      const full = waiting + DRAINED;
      for (let count = await relay.left(); count < full; count += CHUNK) {
        await relay.sendAll(payloads(0, Math.min(CHUNK, full - count)).map((payload) => ({ payload })));
      }
      await relay.start();
      const lastAt = await drained;
      return { rate: ((DRAINED - RUN_UP) * 1_000) / (lastAt - startedAt) };
    } finally {
      await relay.close();
    }
  };
}
