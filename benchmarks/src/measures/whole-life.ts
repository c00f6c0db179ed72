import type { OpenDrainer } from "../contenders/drainer.js";
import { countOf, type Measure, type RoundCount, redisOf } from "../workload.js";
import { startCpuMeter } from "./cpu-meter.js";
import { fill } from "./draining.js";
import { RedisProbe } from "./redis-probe.js";
import { Tally } from "./tally.js";

/** Microseconds a task are tenths of a second for 100,000 tasks. */
const SECONDS_PER_MICRO = 0.1;

/**
 * Measures what a task costs from its send, in batches of 1,000, to its settlement: processor time of 100,000 tasks in
 * seconds, and commands and bytes of a single one, as the server counts them.
 */
export function wholeLife(open: OpenDrainer, tasks: RoundCount): Measure {
  return async (round) => {
    const count = countOf(tasks, round);
    const tally = new Tally(count);
    const probe = await RedisProbe.open(redisOf(round));
    try {
      await probe.flush();
      const drainer = await open(round, (payload) => tally.add(payload));
      try {
        const before = await probe.traffic();
        const stopMeter = await startCpuMeter(probe);
        await fill(drainer, count);
        await drainer.drain(count);
        const { clientUs = 0, serverUs = 0 } = await stopMeter(count);
        const after = await probe.traffic();
        tally.assertEachOnce();
        return {
          seconds: (clientUs + serverUs) * SECONDS_PER_MICRO,
          client: clientUs * SECONDS_PER_MICRO,
          server: serverUs * SECONDS_PER_MICRO,
          commands: (after.commands - before.commands) / count,
          bytes: (after.bytes - before.bytes) / count,
        };
      } finally {
        await drainer.close();
      }
    } finally {
      await probe.close();
    }
  };
}
