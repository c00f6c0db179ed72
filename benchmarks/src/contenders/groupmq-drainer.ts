import { Worker } from "groupmq";
import type { Payload } from "../payload.js";
import { CONCURRENCY, type OpenDrainer } from "./drainer.js";
import { addAll, openGroupmqQueue } from "./groupmq-queue.js";
import { openIoredis } from "./ioredis-client.js";

/** Groupmq's queue and worker in one process. */
export const openGroupmqDrainer =
  (concurrency: number = CONCURRENCY): OpenDrainer =>
  async (round, task) => {
    const client = await openIoredis(round);
    const queue = openGroupmqQueue(client);
    let worker: Worker<Payload> | undefined;
    return {
      fill: (payloads) => addAll(queue, payloads),
      async drain(count) {
        let completed = 0;
        await new Promise<void>((resolve, reject) => {
          // It begins by itself.
          worker = new Worker<Payload>({ queue, concurrency, handler: async ({ data }) => task(data) });
          worker.on("completed", () => {
            completed += 1;
            if (completed === count) resolve();
          });
          worker.on("failed", ({ failedReason }) => reject(new Error(`A task failed: ${failedReason}`)));
          worker.on("error", reject);
        });
      },
      async left() {
        const { active, waiting, delayed } = await queue.getJobCounts();
        return active + waiting + delayed;
      },
      async close() {
        await worker?.close();
        await queue.close();
        client.disconnect();
      },
    };
  };
