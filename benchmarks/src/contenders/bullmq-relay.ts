import { type JobsOptions, Queue, Worker } from "bullmq";
import type { Payload } from "../payload.js";
import { JOB_OPTIONS, QUEUE } from "./bullmq-options.js";
import { CONCURRENCY } from "./drainer.js";
import { openIoredis } from "./ioredis-client.js";
import type { OpenRelay, Parcel } from "./relay.js";

/** BullMQ's highest priority is 1; its jobs without one come before all that have one. */
const LOWEST_PRIORITY = 10;

/** BullMQ, sending and executing in one process. */
export const openBullmqRelay: OpenRelay = async (round, task, { concurrency = CONCURRENCY, attempts = 1 } = {}) => {
  const client = await openIoredis(round);
  const workerClient = await openIoredis(round, { maxRetriesPerRequest: null });
  const queue = new Queue<Payload>(QUEUE, { connection: client, defaultJobOptions: { ...JOB_OPTIONS, attempts } });
  const worker = new Worker<Payload>(QUEUE, async ({ data }) => task(data), {
    connection: workerClient,
    concurrency,
    autorun: false,
  });
  worker.on("error", () => undefined);
  await queue.waitUntilReady();
  await worker.waitUntilReady();
  let running: Promise<void> | undefined;
  return {
    send: (parcel) => queue.add("noop", parcel.payload, jobOptionsOf(parcel)),
    sendAll: (parcels) =>
      queue.addBulk(parcels.map((parcel) => ({ name: "noop", data: parcel.payload, opts: jobOptionsOf(parcel) }))),
    async start() {
      running = worker.run();
    },
    failed: () => queue.getFailedCount(),
    left: () => queue.getJobCountByTypes("waiting", "prioritized", "active", "delayed", "completed"),
    async close() {
      await worker.close();
      await running;
      await queue.close();
      await client.quit();
      await workerClient.quit();
    },
  };
};

function jobOptionsOf({ dueAt, level }: Parcel): JobsOptions {
  return {
    ...(dueAt === undefined ? {} : { delay: Math.max(0, dueAt - Date.now()) }),
    ...(level === undefined ? {} : { priority: LOWEST_PRIORITY - level }),
  };
}
