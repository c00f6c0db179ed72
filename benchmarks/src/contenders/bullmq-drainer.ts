import { Queue, Worker } from "bullmq";
import type { Payload } from "../payload.js";
import { JOB_OPTIONS, QUEUE } from "./bullmq-options.js";
import { CONCURRENCY, type OpenDrainer } from "./drainer.js";
import { openIoredis } from "./ioredis-client.js";

/** BullMQ's queue and worker in one process. */
export const openBullmqDrainer =
  (concurrency: number = CONCURRENCY): OpenDrainer =>
  async (round, task) => {
    const client = await openIoredis(round);
    // A worker's own connection waits for jobs, so it must not give up on a command.
    const workerClient = await openIoredis(round, { maxRetriesPerRequest: null });
    const queue = new Queue<Payload>(QUEUE, { connection: client, defaultJobOptions: JOB_OPTIONS });
    const worker = new Worker<Payload>(QUEUE, async ({ data }) => task(data), {
      connection: workerClient,
      concurrency,
      autorun: false,
    });
    await queue.waitUntilReady();
    await worker.waitUntilReady();
    let running: Promise<void> | undefined;
    return {
      async fill(payloads) {
        await queue.addBulk(payloads.map((data) => ({ name: "noop", data })));
      },
      async drain(count) {
        let completed = 0;
        const drained = new Promise<void>((resolve, reject) => {
          worker.on("completed", () => {
            completed += 1;
            if (completed === count) resolve();
          });
          worker.on("failed", (_job, error) => reject(error));
          worker.on("error", reject);
        });
        running = worker.run();
        await drained;
      },
      async left() {
        return queue.getJobCountByTypes("waiting", "active", "delayed", "completed", "failed");
      },
      async close() {
        await worker.close();
        await running;
        await queue.close();
        await client.quit();
        await workerClient.quit();
      },
    };
  };
