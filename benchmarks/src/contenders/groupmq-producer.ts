import { addAll, addOne, openGroupmqQueue } from "./groupmq-queue.js";
import { openIoredis } from "./ioredis-client.js";
import type { OpenProducer } from "./producer.js";

/** Groupmq's queue. */
export const openGroupmqProducer: OpenProducer = async (round) => {
  const client = await openIoredis(round);
  const queue = openGroupmqQueue(client);
  return {
    send: (payload) => addOne(queue, payload),
    sendBatch: (payloads) => addAll(queue, payloads),
    stored: () => queue.getWaitingCount(),
    async close() {
      await queue.close();
      client.disconnect();
    },
  };
};
