import { rabbitmqOf } from "../workload.js";
import type { OpenProducer } from "./producer.js";
import { countReady, openConfirmChannel, openRabbitmq, publish } from "./rabbitmq-client.js";

/** A bare channel of rabbitmq-client with publisher confirms. */
export const openRabbitmqProducer: OpenProducer = async (round) => {
  const connection = await openRabbitmq(rabbitmqOf(round).url);
  const channel = await openConfirmChannel(connection);
  return {
    send: (payload) => publish(channel, payload),
    sendBatch: (payloads) => Promise.all(payloads.map((payload) => publish(channel, payload))),
    stored: () => countReady(connection),
    async close() {
      await channel.close();
      await connection.close();
    },
  };
};
