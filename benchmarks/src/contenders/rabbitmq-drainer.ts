import type { Connection } from "rabbitmq-client";
import { rabbitmqOf } from "../workload.js";
import type { OpenDrainer, TaskBody } from "./drainer.js";
import {
  countLeft,
  openConfirmChannel,
  openRabbitmq,
  payloadOf,
  prefetchFor,
  publish,
  SERVER_QUEUE,
} from "./rabbitmq-client.js";

/** A way to consume. */
interface Consuming {
  /** Resolves once every message was acked. */
  readonly done: Promise<void>;
  close(): Promise<void>;
}

type Consume = (connection: Connection, concurrency: number, count: number, task: TaskBody) => Promise<Consuming>;

/** The client's own consumer: it acks each message by itself. */
export const openConsumerDrainer =
  (concurrency: number): OpenDrainer =>
  (round, task) =>
    openDrainer(round, task, concurrency, consumeByConsumer);

/**
 * A bare channel: parses each message, calls the task, and acks all that came in one turn of the event loop by one
 * frame. It knows no tasks whose handlers take time, and nothing of a channel that ends.
 */
export const openChannelDrainer =
  (concurrency: number): OpenDrainer =>
  (round, task) =>
    openDrainer(round, task, concurrency, consumeByChannel);

async function openDrainer(
  round: Parameters<OpenDrainer>[0],
  task: TaskBody,
  concurrency: number,
  consume: Consume,
): ReturnType<OpenDrainer> {
  const connection = await openRabbitmq(rabbitmqOf(round).url);
  const channel = await openConfirmChannel(connection);
  let consuming: Consuming | undefined;
  const end = async () => {
    await consuming?.close();
    consuming = undefined;
  };
  return {
    async fill(payloads) {
      await Promise.all(payloads.map((payload) => publish(channel, payload)));
    },
    async drain(count) {
      consuming = await consume(connection, concurrency, count, task);
      await consuming.done;
    },
    async left() {
      await end();
      return await countLeft(connection);
    },
    async close() {
      await end();
      await channel.close();
      await connection.close();
    },
  };
}

const consumeByConsumer: Consume = async (connection, concurrency, count, task) => {
  const options = {
    queue: SERVER_QUEUE,
    queueOptions: { passive: true },
    qos: { prefetchCount: prefetchFor(concurrency) },
    concurrency,
  };
  let executed = 0;
  let finish: () => void = () => undefined;
  // Asynchronous as a real handler is.
  const consumer = connection.createConsumer(options, async ({ body }) => {
    await task(payloadOf(body));
    executed += 1;
    // The client writes the ack when the handler has resolved.
    if (executed === count) setImmediate(finish);
  });
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    consumer.on("error", reject);
  });
  return { done, close: () => consumer.close() };
};

const consumeByChannel: Consume = async (connection, concurrency, count, task) => {
  const channel = await connection.acquire();
  await channel.basicQos({ prefetchCount: prefetchFor(concurrency) });
  let executed = 0;
  let lastTag = 0;
  let isAcking = false;
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const ack = () => {
    isAcking = false;
    channel.basicAck({ deliveryTag: lastTag, multiple: true });
    if (executed === count) finish();
  };
  await channel.basicConsume({ queue: SERVER_QUEUE }, ({ body, deliveryTag }) => {
    task(payloadOf(body));
    executed += 1;
    lastTag = deliveryTag;
    if (isAcking) return;
    isAcking = true;
    setImmediate(ack);
  });
  return { done, close: () => channel.close() };
};
