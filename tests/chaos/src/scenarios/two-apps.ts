import { Chicory } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { Worker } from "@chicory/worker";
import { QUEUES } from "../load/load.js";
import type { Scenario } from "../scenario.js";
import { type BrokerSpec, driverOf } from "../stages/broker-spec.js";

const TASKS = 300;
const PREFIX = "stranger";

export const twoApps: Scenario = {
  name: "two-apps",
  sentence:
    "Another app with a prefix of its own uses the same server, queues and names of tasks, while workers are killed: neither gets a task of the other.",
  stages: ["redis", "rabbitmq"],
  tier: "all",
  faults: 2,
  everyMs: 800,
  sparesOthers: true,
  async strike({ stage, workers, random, broken }) {
    const app = new Chicory({ broker: driverOf(withPrefix(stage.producerBroker, PREFIX)) });
    const ran: string[] = [];
    // What strays into the load the checker finds by itself: nobody sent it there.
    const task = app.task("chaos.steady", { queue: QUEUES[0] }, (_: object, { id }) => void ran.push(id));
    const worker = new Worker(app, { queues: [...QUEUES] });
    try {
      await worker.start();
      const sending = Array.from({ length: TASKS }, (_, index) =>
        task.send({ workMs: 0 }, { queue: QUEUES[index % QUEUES.length] ?? QUEUES[0] }),
      );
      workers.killOne(random.next());
      const sent = new Set((await Promise.all(sending)).map(({ id }) => id));
      await eventually(() => new Set(ran).size >= TASKS, { what: "the other app's tasks to run" });
      const strays = ran.filter((id) => !sent.has(id));
      if (strays.length > 0) broken(`an app runs what it sent alone: ${strays.length} tasks are of the other`);
    } finally {
      await worker.stop();
      await app.close();
    }
  },
};

function withPrefix(spec: BrokerSpec, prefix: string): BrokerSpec {
  switch (spec.type) {
    case "redis":
      return { type: spec.type, options: { ...spec.options, keyPrefix: prefix } };
    case "rabbitmq":
      return { type: spec.type, options: { ...spec.options, prefix } };
  }
}
