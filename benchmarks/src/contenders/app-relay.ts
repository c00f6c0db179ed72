import { type BrokerDriver, Chicory } from "@chicory/core";
import { Worker } from "@chicory/worker";
import type { Payload } from "../payload.js";
import { CONCURRENCY, type TaskBody } from "./drainer.js";
import type { Parcel, Relay, RelayOptions } from "./relay.js";

const QUEUE = "bench";

/** Chicory with its defaults on a broker, sending and executing in one process. */
export async function openAppRelay(
  broker: BrokerDriver,
  task: TaskBody,
  { concurrency = CONCURRENCY, attempts = 1 }: RelayOptions = {},
): Promise<Relay> {
  const app = new Chicory({ broker });
  const retry = { maxRetries: attempts - 1, delayMs: 0 };
  const noop = app.task("noop", { queue: QUEUE, retry }, async (input: Payload) => task(input));
  await app.connect();
  const worker = new Worker(app, { queues: [QUEUE], concurrency });
  const send = ({ payload, dueAt, level }: Parcel) =>
    noop.send(payload, {
      ...(dueAt === undefined ? {} : { eta: new Date(dueAt) }),
      ...(level === undefined ? {} : { priority: level }),
    });
  return {
    send,
    // A batch has one time and one priority; single sends of one turn of the event loop are joined all the same.
    sendAll: (parcels) =>
      parcels.some(({ dueAt, level }) => dueAt !== undefined || level !== undefined)
        ? Promise.all(parcels.map(send))
        : noop.sendMany(parcels.map(({ payload }) => payload)),
    start: () => worker.start(),
    failed: async () => (await app.broker.depth(QUEUE)).deadLetters,
    async left() {
      const { ready, delayed, inFlight } = await app.broker.depth(QUEUE);
      return ready + (delayed ?? 0) + (inFlight ?? 0);
    },
    async close() {
      await worker.stop();
      await app.close();
    },
  };
}
