import { redis } from "@chicory/broker-redis";
import { Chicory } from "@chicory/core";
import { Worker } from "@chicory/worker";
import type { Payload } from "../payload.js";
import { redisOf } from "../workload.js";
import type { OpenDrainer, TaskBody } from "./drainer.js";

const QUEUE = "bench";

/** Tasks that each consumer runs at once. */
const CONCURRENCY = 10;

/** Chicory on Redis with so many workers of one queue, each with a connection of its own, in one process. */
export const openConsumersDrainer =
  (count: number): OpenDrainer =>
  async (round, task) => {
    const open = () => openApp(new Chicory({ broker: redis({ ...redisOf(round) }) }), task);
    const sender = open();
    await sender.app.connect();
    const consumers = Array.from({ length: count }, () => {
      const { app } = open();
      return { app, worker: new Worker(app, { queues: [QUEUE], concurrency: CONCURRENCY }) };
    });
    await Promise.all(consumers.map(({ app }) => app.connect()));
    const succeeded = () => consumers.reduce((sum, { worker }) => sum + worker.stats().succeeded, 0);
    return {
      async fill(payloads) {
        await sender.noop.sendMany(payloads);
      },
      async drain(total) {
        const drained = new Promise<void>((resolve) => {
          for (const { worker } of consumers) {
            worker.on("idle", () => {
              if (succeeded() >= total) resolve();
            });
          }
        });
        await Promise.all(consumers.map(({ worker }) => worker.start()));
        await drained;
      },
      async left() {
        const { ready, inFlight = 0 } = await sender.app.broker.depth(QUEUE);
        return ready + inFlight;
      },
      async close() {
        await Promise.all(consumers.map(({ worker }) => worker.stop()));
        await Promise.all([sender, ...consumers].map(({ app }) => app.close()));
      },
    };
  };

function openApp(app: Chicory, task: TaskBody) {
  return { app, noop: app.task("noop", { queue: QUEUE }, async (input: Payload) => task(input)) };
}
