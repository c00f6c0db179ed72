import BeeQueue from "bee-queue";
import type { Payload } from "../payload.js";
import { beeQueueOptions, QUEUE } from "./bee-queue-options.js";
import type { OpenProducer } from "./producer.js";

/** Bee-queue's queue. */
export const openBeeQueueProducer: OpenProducer = async (round) => {
  const queue = new BeeQueue<Payload>(QUEUE, beeQueueOptions(round, false));
  await queue.ready();
  return {
    send: (payload) => queue.createJob(payload).save(),
    sendBatch: (payloads) => saveAll(queue, payloads),
    stored: async () => (await queue.checkHealth()).waiting,
    close: () => queue.close(),
  };
};

/** Stores jobs as one batch. Rejects if one is not stored: bee-queue itself tells only whether the batch was sent. */
export async function saveAll(queue: BeeQueue<Payload>, payloads: readonly Payload[]): Promise<void> {
  const errors = await queue.saveAll(payloads.map((payload) => queue.createJob(payload)));
  for (const error of errors.values()) throw error;
}
