import BeeQueue from "bee-queue";
import type { Payload } from "../payload.js";
import { beeQueueOptions, QUEUE } from "./bee-queue-options.js";
import { saveAll } from "./bee-queue-producer.js";
import { CONCURRENCY, type OpenDrainer } from "./drainer.js";

/** Bee-queue's queue and worker in one process. */
export const openBeeQueueDrainer =
  (concurrency: number = CONCURRENCY): OpenDrainer =>
  async (round, task) => {
    const producer = new BeeQueue<Payload>(QUEUE, beeQueueOptions(round, false));
    const worker = new BeeQueue<Payload>(QUEUE, beeQueueOptions(round, true));
    await Promise.all([producer.ready(), worker.ready()]);
    return {
      fill: (payloads) => saveAll(producer, payloads),
      async drain(count) {
        let succeeded = 0;
        await new Promise<void>((resolve, reject) => {
          // Emitted when the job is gone from the server.
          worker.on("succeeded", () => {
            succeeded += 1;
            if (succeeded === count) resolve();
          });
          worker.on("failed", (_job, error) => reject(error));
          worker.on("error", reject);
          worker.process(concurrency, async ({ data }) => task(data));
        });
      },
      async left() {
        const { waiting, active, delayed, succeeded, failed } = await producer.checkHealth();
        return waiting + active + delayed + succeeded + failed;
      },
      async close() {
        await worker.close();
        await producer.close();
      },
    };
  };
