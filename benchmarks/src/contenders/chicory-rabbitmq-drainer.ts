import { rabbitmq } from "@chicory/broker-rabbitmq";
import { rabbitmqOf } from "../workload.js";
import { openAppDrainer } from "./app-drainer.js";
import type { OpenDrainer } from "./drainer.js";
import { countLeftAt } from "./rabbitmq-client.js";

/** Chicory on RabbitMQ. */
export const openChicoryRabbitmqDrainer =
  (concurrency: number): OpenDrainer =>
  async (round, task) => {
    const { url } = rabbitmqOf(round);
    const drainer = await openAppDrainer(rabbitmq({ url }), task, concurrency);
    return {
      ...drainer,
      async left() {
        const buried = await drainer.left();
        // What a worker holds is not told as long as it is there.
        await drainer.close();
        return Math.max(buried, await countLeftAt(url));
      },
    };
  };
