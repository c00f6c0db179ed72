import { eventually } from "@chicory/test-servers";
import { type Measure, type RoundCount, redisOf, type ServerAddress } from "../workload.js";
import { MeasuredQueue } from "./measured-queue.js";
import { MeasuredWorker } from "./measured-worker.js";
import { RedisProbe } from "./redis-probe.js";

const KIBIBYTE = 2 ** 10;

/** Tasks that go through the queue before anything is measured, so that everything that stays is there already. */
const FIRST_TASKS = 1_000;

/** Longest time until the server has noticed that its clients are gone, in milliseconds. */
const CLOSE_DEADLINE_MS = 15_000;

/** Measures the memory of the server before tasks were sent, while they wait, and after they were drained. */
export function serverMemory(tasks: RoundCount): Measure {
  return async (round) => {
    const address = redisOf(round);
    const probe = await RedisProbe.open(address);
    try {
      await probe.flush();
      await passThrough(address, FIRST_TASKS, probe);
      const before = await quietMemory(probe);
      const full = await passThrough(address, round.quick ? tasks.quick : tasks.full, probe);
      const after = await quietMemory(probe);
      return { before: before / KIBIBYTE, full: full / KIBIBYTE, after: after / KIBIBYTE };
    } finally {
      await probe.close();
    }
  };
}

/** Sends tasks, then drains them; returns the server's memory in between. */
async function passThrough(address: ServerAddress, count: number, probe: RedisProbe): Promise<number> {
  const queue = new MeasuredQueue(address);
  await queue.fillTo(count);
  const full = await probe.usedMemory();
  const worker = new MeasuredWorker("chicory", address);
  try {
    worker.start();
    await worker.hasExecuted(count);
  } finally {
    await worker.stop();
  }
  await queue.assertEmpty();
  await queue.close();
  return full;
}

/** The server's memory when nobody but the probe is connected. */
async function quietMemory(probe: RedisProbe): Promise<number> {
  await eventually(async () => (await probe.clients()) === 1, {
    what: "the server's clients to be gone",
    deadlineMs: CLOSE_DEADLINE_MS,
  });
  return probe.usedMemory();
}
