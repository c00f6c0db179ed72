import { rabbitmqOf } from "../workload.js";
import { openAmqplib, publishByAmqplib } from "./amqplib-client.js";
import type { OpenProducer } from "./producer.js";
import { SERVER_QUEUE } from "./rabbitmq-client.js";

/** A bare channel of amqplib with publisher confirms. */
export const openAmqplibProducer: OpenProducer = async (round) => {
  const { connection, channel } = await openAmqplib(rabbitmqOf(round).url);
  return {
    send: (payload) => publishByAmqplib(channel, payload),
    sendBatch: (payloads) => Promise.all(payloads.map((payload) => publishByAmqplib(channel, payload))),
    stored: async () => (await channel.checkQueue(SERVER_QUEUE)).messageCount,
    close: () => connection.close(),
  };
};
