import type { Scenario } from "../scenario.js";
import { clusterOf } from "../stages/stage-of.js";

export const rabbitmqNodeDown: Scenario = {
  name: "rabbitmq-node-down",
  sentence:
    "Nodes are killed in turn, and with each whoever was connected to it: clients find another, two of three go on meanwhile.",
  stages: ["rabbitmq-cluster"],
  tier: "default",
  perSecond: 100,
  faults: 3,
  everyMs: 1_500,
  sparesWorkers: true,
  async strike({ stage, round, pause, flows, broken }) {
    const { cluster, restart } = clusterOf(stage);
    const node = cluster.nodes[round % cluster.nodes.length];
    if (node === undefined) return;
    await node.kill();
    await pause(500);
    if (!(await flows())) broken("two nodes of three carry the load");
    await restart(node);
  },
};
