import type { OpenProducer } from "../contenders/producer.js";
import { payloads } from "../payload.js";
import { countOf, type Measure, type RoundCount, redisOf } from "../workload.js";
import { RedisProbe } from "./redis-probe.js";

/** Messages of one batch. */
const CHUNK = 1_000;

/** Measures how many bytes the server holds for each task that waits. */
export function waitingMemory(open: OpenProducer, tasks: RoundCount): Measure {
  return async (round) => {
    const count = countOf(tasks, round);
    const probe = await RedisProbe.open(redisOf(round));
    try {
      await probe.flush();
      const producer = await open(round);
      try {
        // What a queue keeps whatever waits, and the connections, are there by then.
        await producer.sendBatch(payloads(0, CHUNK));
        const before = await probe.usedMemory();
        for (let from = CHUNK; from < CHUNK + count; from += CHUNK) {
          await producer.sendBatch(payloads(from, from + CHUNK));
        }
        const after = await probe.usedMemory();
        const stored = await producer.stored();
        if (stored !== CHUNK + count) throw new Error(`${CHUNK + count} were sent, and the server holds ${stored}`);
        return { bytes: (after - before) / count };
      } finally {
        await producer.close();
        // What waited is of no use to whoever comes next.
        await probe.flush();
      }
    } finally {
      await probe.close();
    }
  };
}
