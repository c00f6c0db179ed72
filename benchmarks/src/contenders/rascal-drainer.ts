import { rabbitmqOf } from "../workload.js";
import type { OpenDrainer } from "./drainer.js";
import { countLeftAt, payloadOf } from "./rabbitmq-client.js";
import { openRascal, publishByRascal, SUBSCRIPTION } from "./rascal-broker.js";

/** Rascal's subscription, which acks each message by itself. */
export const openRascalDrainer =
  (prefetch: number): OpenDrainer =>
  async (round, task) => {
    const { url } = rabbitmqOf(round);
    const broker = await openRascal(url, prefetch);
    let isOpen = true;
    const close = async () => {
      if (isOpen) await broker.shutdown();
      isOpen = false;
    };
    return {
      async fill(payloads) {
        await Promise.all(payloads.map((payload) => publishByRascal(broker, payload)));
      },
      async drain(count) {
        const subscription = await broker.subscribe(SUBSCRIPTION);
        await new Promise<void>((resolve, reject) => {
          let executed = 0;
          subscription
            .on("message", (_message, content, ack) => {
              task(payloadOf(content));
              ack();
              executed += 1;
              if (executed === count) setImmediate(resolve);
            })
            .on("error", reject)
            .on("invalid_content", reject);
        });
      },
      async left() {
        await close();
        return await countLeftAt(url);
      },
      close,
    };
  };
