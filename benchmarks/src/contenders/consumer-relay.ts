import { type Consumer, ConsumerStatus } from "rabbitmq-client";
import { rabbitmqOf } from "../workload.js";
import { CONCURRENCY } from "./drainer.js";
import {
  countLeft,
  openConfirmChannel,
  openRabbitmq,
  payloadOf,
  prefetchFor,
  publish,
  SERVER_QUEUE,
} from "./rabbitmq-client.js";
import type { OpenRelay, Parcel } from "./relay.js";

/**
 * The consumer of rabbitmq-client and a channel with confirms, each on a connection of its own, in one process. It knows
 * no retries and no delays.
 */
export const openConsumerRelay: OpenRelay = async (round, task, { concurrency = CONCURRENCY } = {}) => {
  const { url } = rabbitmqOf(round);
  const [connection, consuming] = await Promise.all([openRabbitmq(url), openRabbitmq(url)]);
  const channel = await openConfirmChannel(connection);
  const send = ({ payload }: Parcel) => publish(channel, payload);
  let consumer: Consumer | undefined;
  return {
    send,
    sendAll: (parcels) => Promise.all(parcels.map(send)),
    async start() {
      const options = {
        queue: SERVER_QUEUE,
        queueOptions: { passive: true },
        qos: { prefetchCount: prefetchFor(concurrency) },
        concurrency,
      };
      const created = consuming.createConsumer(options, async ({ body }) => {
        await task(payloadOf(body));
        return ConsumerStatus.ACK;
      });
      created.on("error", () => undefined);
      consumer = created;
      await new Promise<void>((resolve) => created.once("ready", () => resolve()));
    },
    failed: async () => 0,
    async left() {
      await consumer?.close();
      return await countLeft(connection);
    },
    async close() {
      await consumer?.close();
      await channel.close();
      await Promise.all([connection.close(), consuming.close()]);
    },
  };
};
