import { rabbitmq } from "@chicory/broker-rabbitmq";
import { rabbitmqOf } from "../workload.js";
import { openAppDrainer } from "./app-drainer.js";
import type { OpenDrainer } from "./drainer.js";
import { countLeft, openRabbitmq } from "./rabbitmq-client.js";

/** Chicory on RabbitMQ. */
export const openChicoryRabbitmqDrainer: OpenDrainer = async (round, task) => {
  const { url } = rabbitmqOf(round);
  const drainer = await openAppDrainer(rabbitmq({ url }), task);
  return {
    ...drainer,
    async left() {
      const buried = await drainer.left();
      // What a worker holds is not told as long as it is there.
      await drainer.close();
      const connection = await openRabbitmq(url);
      try {
        return Math.max(buried, await countLeft(connection));
      } finally {
        await connection.close();
      }
    },
  };
};
