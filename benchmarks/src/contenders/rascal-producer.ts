import { rabbitmqOf } from "../workload.js";
import type { OpenProducer } from "./producer.js";
import { countReady, openRabbitmq } from "./rabbitmq-client.js";
import { openRascal, publishByRascal } from "./rascal-broker.js";

/** Rascal, whose publications are confirmed by default. */
export const openRascalProducer: OpenProducer = async (round) => {
  const { url } = rabbitmqOf(round);
  const broker = await openRascal(url, 1);
  return {
    send: (payload) => publishByRascal(broker, payload),
    sendBatch: (payloads) => Promise.all(payloads.map((payload) => publishByRascal(broker, payload))),
    async stored() {
      const connection = await openRabbitmq(url);
      try {
        return await countReady(connection);
      } finally {
        await connection.close();
      }
    },
    close: () => broker.shutdown(),
  };
};
