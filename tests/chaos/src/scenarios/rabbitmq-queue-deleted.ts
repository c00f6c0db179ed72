import { QUEUES } from "../load/load.js";
import type { Scenario } from "../scenario.js";
import { rabbitmqOf } from "../stages/stage-of.js";

export const rabbitmqQueueDeleted: Scenario = {
  name: "rabbitmq-queue-deleted",
  sentence: "A queue is deleted under its consumers: what it held is gone, it is declared again, and the rest goes on.",
  stages: ["rabbitmq"],
  tier: "default",
  faults: 2,
  everyMs: 1_500,
  sparesWorkers: true,
  async strike({ stage, lose }) {
    const { server } = rabbitmqOf(stage);
    await server.ctl("delete_queue", `chicory.queue.${QUEUES[0]}`);
    lose();
  },
};
