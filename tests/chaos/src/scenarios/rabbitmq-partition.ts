import type { Scenario } from "../scenario.js";
import { clusterOf } from "../stages/stage-of.js";

/** How long the network stays split once the load flows again, in milliseconds. */
const SPLIT_MS = 3_000;

export const rabbitmqPartition: Scenario = {
  name: "rabbitmq-partition",
  sentence:
    "The network between nodes splits, and one of three is left alone with the clients that it has: the other two carry the load, and it joins them again.",
  stages: ["rabbitmq-cluster"],
  tier: "all",
  perSecond: 100,
  faults: 3,
  everyMs: 1_500,
  sparesWorkers: true,
  async strike({ stage, round, pause, flows, broken }) {
    const { cluster } = clusterOf(stage);
    const node = cluster.nodes[round % cluster.nodes.length];
    if (node === undefined) return;
    const join = await cluster.isolate(node);
    if (!(await flows())) broken("two nodes of three carry the load");
    await pause(SPLIT_MS);
    await join();
  },
};
