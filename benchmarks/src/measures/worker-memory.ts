import { type Measure, type RoundCount, redisOf, type ServerAddress } from "../workload.js";
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
    const queue = new MeasuredQueue(address);
    try {
      await probe.flush();
      await queue.fillTo(waiting);
      return { rss: (await peakRss(address, queue, waiting, count)) / MEBIBYTE };
    } finally {
      await queue.close();
      // What waited is of no use to whoever comes next.
      await probe.flush();
      await probe.close();
    }
  };
}

async function peakRss(address: ServerAddress, queue: MeasuredQueue, waiting: number, count: number): Promise<number> {
  const worker = new MeasuredWorker("chicory", address);
  try {
    worker.start();
    const drained = worker.hasExecuted(count).then(() => true);
    for (let isDrained = false; !isDrained; ) {
      await queue.fillTo(worker.executed + waiting);
      isDrained = await Promise.race([drained, worker.hasExecuted(worker.executed + 1).then(() => false)]);
    }
    return worker.peakRss;
  } finally {
    await worker.stop();
  }
}
