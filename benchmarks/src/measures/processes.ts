import { eventually } from "@chicory/test-servers";
import type { OpenProducer } from "../contenders/producer.js";
import { payloads } from "../payload.js";
import { countOf, type Measure, type RoundCount, redisOf } from "../workload.js";
import { MeasuredWorker, type WorkerKind } from "./measured-worker.js";
import { RedisProbe } from "./redis-probe.js";

/** Messages of one batch. */
const CHUNK = 1_000;

/** Longest time for all tasks, in milliseconds. */
const DEADLINE_MS = 120_000;

/** Workers in processes of their own. */
export interface WorkerFleet {
  readonly kind: WorkerKind;
  readonly processes: number;
  /** Opens what fills the queue of that kind. */
  readonly producer: OpenProducer;
}

/** Measures how many tasks a second several processes execute together, from their start on. */
export function processes({ kind, processes: size, producer }: WorkerFleet, tasks: RoundCount): Measure {
  return async (round) => {
    const address = redisOf(round);
    const count = countOf(tasks, round);
    const probe = await RedisProbe.open(address);
    const sender = await producer(round);
    try {
      await probe.flush();
      for (let from = 0; from < count; from += CHUNK) await sender.sendBatch(payloads(from, from + CHUNK));
      const workers = Array.from({ length: size }, () => new MeasuredWorker(kind, address));
      try {
        await Promise.all(workers.map((worker) => worker.loaded()));
        const startedAt = Date.now();
        for (const worker of workers) worker.start();
        const executed = () => workers.reduce((sum, worker) => sum + worker.executed, 0);
        await eventually(() => executed() >= count, { what: "every task to be executed", deadlineMs: DEADLINE_MS });
        if (executed() > count) throw new Error(`${count} tasks were executed ${executed()} times`);
        const lastAt = Math.max(...workers.map((worker) => worker.lastAt));
        return { rate: (count * 1_000) / (lastAt - startedAt) };
      } finally {
        await Promise.all(workers.map((worker) => worker.stop()));
      }
    } finally {
      await sender.close();
      await probe.close();
    }
  };
}
