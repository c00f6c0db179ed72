import { type BrokerDriver, Chicory } from "@chicory/core";
import { Worker } from "@chicory/worker";
import type { Payload } from "../payload.js";
import { CONCURRENCY, type Drainer, type TaskBody } from "./drainer.js";

const QUEUE = "bench";

/** Chicory with its defaults on a broker, producer and worker in one process. */
export async function openAppDrainer(
  broker: BrokerDriver,
  task: TaskBody,
  concurrency: number = CONCURRENCY,
): Promise<Drainer> {
  const app = new Chicory({ broker });
  // Asynchronous as a real handler is.
  const noop = app.task("noop", { queue: QUEUE }, async (input: Payload) => task(input));
  await app.connect();
  const worker = new Worker(app, { queues: [QUEUE], concurrency });
  return {
    async fill(payloads) {
      await noop.sendMany(payloads);
    },
    async drain(count) {
      const drained = new Promise<void>((resolve) => {
        // Idle means that every settlement took.
        worker.on("idle", () => {
          if (worker.stats().succeeded >= count) resolve();
        });
      });
      await worker.start();
      await drained;
    },
    async left() {
      const { ready, delayed, inFlight, deadLetters } = await app.broker.depth(QUEUE);
      return ready + (delayed ?? 0) + (inFlight ?? 0) + deadLetters;
    },
    async close() {
      await worker.stop();
      await app.close();
    },
  };
}
