import { redis } from "@chicory/broker-redis";
import { Chicory } from "@chicory/core";
import { Worker } from "@chicory/worker";
import { indexOf, type Payload } from "../payload.js";
import { redisOf } from "../workload.js";
import { CONCURRENCY, type OpenDrainer } from "./drainer.js";

/** Chicory on Redis with one worker for so many queues, over which tasks are spread. */
export const openQueuesDrainer =
  (count: number): OpenDrainer =>
  async (round, task) => {
    const app = new Chicory({ broker: redis({ ...redisOf(round) }) });
    const queues = Array.from({ length: count }, (_, at) => `bench-${at}`);
    const noop = app.task("noop", async (input: Payload) => task(input));
    await app.connect();
    const worker = new Worker(app, { queues, concurrency: Math.max(1, Math.floor(CONCURRENCY / count)) });
    return {
      async fill(payloads) {
        const shares = queues.map((queue, at) => ({
          queue,
          inputs: payloads.filter((one) => indexOf(one) % count === at),
        }));
        await Promise.all(shares.map(({ queue, inputs }) => noop.sendMany(inputs, { queue })));
      },
      async drain(total) {
        const drained = new Promise<void>((resolve) => {
          worker.on("idle", () => {
            if (worker.stats().succeeded >= total) resolve();
          });
        });
        await worker.start();
        await drained;
      },
      async left() {
        const depths = await Promise.all(queues.map((queue) => app.broker.depth(queue)));
        return depths.reduce((sum, { ready, inFlight = 0 }) => sum + ready + inFlight, 0);
      },
      async close() {
        await worker.stop();
        await app.close();
      },
    };
  };
