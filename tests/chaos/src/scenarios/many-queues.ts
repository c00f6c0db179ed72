import { Chicory } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { Worker } from "@chicory/worker";
import type { Scenario } from "../scenario.js";
import { driverOf } from "../stages/broker-spec.js";
import type { Stage } from "../stages/stage.js";
import { rabbitmqOf, redisOf } from "../stages/stage-of.js";

/** Quorum queues are dear: each is a log of its own. */
const QUEUES = { redis: 300, rabbitmq: 50 } as const;
const TASKS_EACH = 10;
/** A driver has two connections, and a cluster's more; the number of queues has no part in it. */
const MAX_CONNECTIONS = 4;
const DEADLINE_MS = 120_000;

export const manyQueues: Scenario = {
  name: "many-queues",
  sentence:
    "One worker serves hundreds of queues beside the load while workers are killed: every task runs, by as many connections as for one queue.",
  stages: ["redis", "rabbitmq"],
  tier: "all",
  faults: 1,
  everyMs: 800,
  sparesOthers: true,
  async strike({ stage, workers, random, broken }) {
    const number = stage.name === "redis" ? QUEUES.redis : QUEUES.rabbitmq;
    const queues = Array.from({ length: number }, (_, index) => `many-${index}`);
    const before = await connections(stage);
    const app = new Chicory({ broker: driverOf(stage.producerBroker) });
    const ran = new Set<string>();
    const task = app.task("many", (_: object, { id }) => void ran.add(id));
    const worker = new Worker(app, { queues, concurrency: 2 });
    try {
      await worker.start();
      const sending = queues.flatMap((queue) => Array.from({ length: TASKS_EACH }, () => task.send({}, { queue })));
      workers.killOne(random.next());
      const sent = await Promise.all(sending);
      await eventually(() => sent.every(({ id }) => ran.has(id)), {
        what: "the tasks of every queue to run",
        deadlineMs: DEADLINE_MS,
      });
      // Of the load itself a worker went, and another came.
      await workers.ready();
      const more = (await connections(stage)) - before;
      if (more > MAX_CONNECTIONS) broken(`connections do not grow with queues: ${more} for ${number} queues`);
    } finally {
      await worker.stop();
      await app.close();
    }
  },
};

async function connections(stage: Stage): Promise<number> {
  if (stage.name === "redis") {
    return Number(/connected_clients:(\d+)/.exec(String(await redisOf(stage).command("INFO", "clients")))?.[1]);
  }
  return Number((await rabbitmqOf(stage).server.ctl("eval", "length(rabbit_networking:connections()).")).trim());
}
