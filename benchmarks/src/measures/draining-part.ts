import type { OpenRelay } from "../contenders/relay.js";
import { payloads } from "../payload.js";
import type { Measure } from "../workload.js";

/** Tasks that are drained in a round, of the many or few that wait. */
const DRAINED = 10_000;

/** Messages of one batch. */
const CHUNK = 1_000;

/**
 * Measures how many tasks a second are executed while `waiting` wait: fills the queue up, drains a part of it, and
 * leaves the rest to the next round, on a server that other contenders of the workload fill as well.
 */
export function drainingPart(open: OpenRelay, waiting: number): Measure {
  return async (round) => {
    let executed = 0;
    let firstAt: number | undefined;
    let finish: (at: number) => void = () => undefined;
    const drained = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const relay = await open(round, () => {
      firstAt ??= performance.now();
      executed += 1;
      if (executed === DRAINED) finish(performance.now());
    });
    try {
      for (let count = await relay.left(); count < waiting; count += CHUNK) {
        await relay.sendAll(payloads(0, Math.min(CHUNK, waiting - count)).map((payload) => ({ payload })));
      }
      await relay.start();
      const lastAt = await drained;
      return { rate: (DRAINED * 1_000) / (lastAt - (firstAt ?? lastAt)) };
    } finally {
      await relay.close();
    }
  };
}
