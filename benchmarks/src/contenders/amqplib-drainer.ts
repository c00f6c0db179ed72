import { rabbitmqOf } from "../workload.js";
import { openAmqplib, publishByAmqplib } from "./amqplib-client.js";
import type { OpenDrainer } from "./drainer.js";
import { countLeftAt, payloadOf, SERVER_QUEUE } from "./rabbitmq-client.js";

/**
 * A bare channel of amqplib: parses each message, calls the task, and acks all that came in one turn of the event loop
 * by one frame. It knows no tasks whose handlers take time, and nothing of a channel that ends.
 */
export const openAmqplibDrainer =
  (prefetch: number): OpenDrainer =>
  async (round, task) => {
    const { url } = rabbitmqOf(round);
    const { connection, channel } = await openAmqplib(url);
    let isOpen = true;
    const close = async () => {
      if (isOpen) await connection.close();
      isOpen = false;
    };
    return {
      async fill(payloads) {
        await Promise.all(payloads.map((payload) => publishByAmqplib(channel, payload)));
      },
      async drain(count) {
        const consuming = await connection.createChannel();
        await consuming.prefetch(prefetch);
        await new Promise<void>((resolve, reject) => {
          let executed = 0;
          let isAcking = false;
          consuming.on("error", reject);
          const consumed = consuming.consume(SERVER_QUEUE, (message) => {
            if (message === null) return;
            task(payloadOf(message.content));
            executed += 1;
            if (isAcking) return;
            isAcking = true;
            setImmediate(() => {
              isAcking = false;
              consuming.ackAll();
              if (executed === count) resolve();
            });
          });
          consumed.catch(reject);
        });
      },
      async left() {
        await close();
        return await countLeftAt(url);
      },
      close,
    };
  };
