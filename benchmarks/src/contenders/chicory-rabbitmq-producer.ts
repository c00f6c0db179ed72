import { rabbitmq } from "@chicory/broker-rabbitmq";
import { Chicory } from "@chicory/core";
import type { Payload } from "../payload.js";
import { rabbitmqOf } from "../workload.js";
import type { OpenProducer } from "./producer.js";
import { QUEUE } from "./rabbitmq-client.js";

/** Chicory on RabbitMQ with its defaults. */
export const openChicoryRabbitmqProducer: OpenProducer = async (round) => {
  const app = new Chicory({ broker: rabbitmq({ url: rabbitmqOf(round).url }) });
  const task = app.task("noop", { queue: QUEUE }, (_input: Payload) => undefined);
  await app.connect();
  return {
    send: (payload) => task.send(payload),
    sendBatch: (payloads) => task.sendMany(payloads),
    stored: async () => (await app.broker.depth(QUEUE)).ready,
    close: () => app.close(),
  };
};
