import { Queue } from "bullmq";
import { JOB_OPTIONS, QUEUE } from "./bullmq-options.js";
import { openIoredis } from "./ioredis-client.js";
import type { OpenProducer } from "./producer.js";

/** BullMQ's queue. */
export const openBullmqProducer: OpenProducer = async (round) => {
  const client = await openIoredis(round);
  const queue = new Queue(QUEUE, { connection: client, defaultJobOptions: JOB_OPTIONS });
  await queue.waitUntilReady();
  return {
    send: (payload) => queue.add("noop", payload),
    sendBatch: (payloads) => queue.addBulk(payloads.map((data) => ({ name: "noop", data }))),
    stored: () => queue.getWaitingCount(),
    async close() {
      await queue.close();
      await client.quit();
    },
  };
};
