import { type Measure, type RoundCount, redisOf } from "../workload.js";
import { MeasuredQueue } from "./measured-queue.js";
import { MeasuredWorker } from "./measured-worker.js";
import { RedisProbe } from "./redis-probe.js";

const MEBIBYTE = 2 ** 20;

/**
 * Measures the most memory that a worker's process takes while it drains a queue in which `waiting` tasks wait all the
 * time: what is drained is sent anew. `tasks` are drained whatever waits, so that the process has done the same work.
 */
export function workerMemory(waiting: number, tasks: RoundCount): Measure {
  return async (round) => {
    const address = redisOf(round);
    const count = round.quick ? tasks.quick : tasks.full;
    const probe = await RedisProbe.open(address);
    await probe.flush();
    const queue = new MeasuredQueue(address);
    await queue.fillTo(waiting);
    const worker = new MeasuredWorker(address);
    try {
      const drained = worker.executed(count).then(() => true);
      for (let ready = false; !ready; ) {
        await queue.fillTo(worker.succeeded + waiting);
        ready = await Promise.race([drained, worker.executed(worker.succeeded + 1).then(() => false)]);
      }
      return { rss: worker.peakRss / MEBIBYTE };
    } finally {
      await worker.stop();
      await queue.close();
      await probe.flush();
      probe.close();
    }
  };
}
