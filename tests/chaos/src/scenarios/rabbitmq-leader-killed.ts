import { QUEUES } from "../load/load.js";
import type { Scenario } from "../scenario.js";
import { clusterOf } from "../stages/stage-of.js";

export const rabbitmqLeaderKilled: Scenario = {
  name: "rabbitmq-leader-killed",
  sentence:
    "The node that leads a queue is killed: another leads it, nothing confirmed is lost, and the node comes back.",
  stages: ["rabbitmq-cluster"],
  tier: "default",
  perSecond: 100,
  faults: 2,
  everyMs: 1_500,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, random }) {
    const { cluster, restart } = clusterOf(stage);
    const queue = QUEUES[random.below(QUEUES.length)];
    const leader = await cluster.leaderOf(`chicory.queue.${queue}`);
    await leader.kill();
    await restart(leader);
  },
};
