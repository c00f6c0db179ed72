import { redis } from "@chicory/broker-redis";
import { Chicory } from "@chicory/core";
import type { Payload } from "../payload.js";
import { redisOf } from "../workload.js";
import type { OpenProducer } from "./producer.js";

const QUEUE = "bench";

/** Chicory on Redis with its defaults. */
export const openChicoryProducer: OpenProducer = async (round) => {
  const app = new Chicory({ broker: redis({ ...redisOf(round) }) });
  const task = app.task("noop", { queue: QUEUE }, (_input: Payload) => undefined);
  await app.connect();
  return {
    send: (payload) => task.send(payload),
    sendBatch: (payloads) => task.sendMany(payloads),
    stored: async () => (await app.broker.depth(QUEUE)).ready,
    close: () => app.close(),
  };
};
