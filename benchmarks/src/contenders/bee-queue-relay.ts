import BeeQueue from "bee-queue";
import type { Payload } from "../payload.js";
import { beeQueueOptions, QUEUE } from "./bee-queue-options.js";
import { CONCURRENCY } from "./drainer.js";
import type { OpenRelay, Parcel } from "./relay.js";

/** Bee-queue, sending and executing in one process. It has no priorities. */
export const openBeeQueueRelay: OpenRelay = async (round, task, { concurrency = CONCURRENCY, attempts = 1 } = {}) => {
  const producer = new BeeQueue<Payload>(QUEUE, beeQueueOptions(round, false));
  const worker = new BeeQueue<Payload>(QUEUE, beeQueueOptions(round, true));
  worker.on("error", () => undefined);
  await Promise.all([producer.ready(), worker.ready()]);
  const send = ({ payload }: Parcel) =>
    producer
      .createJob(payload)
      .retries(attempts - 1)
      .save();
  return {
    send,
    sendAll: (parcels) => Promise.all(parcels.map(send)),
    async start() {
      worker.process(concurrency, async ({ data }) => task(data));
    },
    failed: async () => (await producer.checkHealth()).failed,
    async left() {
      const { waiting, active, delayed, succeeded } = await producer.checkHealth();
      return waiting + active + delayed + succeeded;
    },
    async close() {
      await worker.close();
      await producer.close();
    },
  };
};
