import type { Scenario } from "../scenario.js";
import { rabbitmqOf } from "../stages/stage-of.js";

export const rabbitmqConnectionsClosed: Scenario = {
  name: "rabbitmq-connections-closed",
  sentence: "An operator closes every connection: all connect again, and nothing confirmed is lost.",
  stages: ["rabbitmq", "rabbitmq-cluster"],
  tier: { rabbitmq: "default", "rabbitmq-cluster": "all" },
  faults: 3,
  everyMs: 500,
  sparesWorkers: true,
  soak: true,
  async strike({ stage }) {
    const node = stage.name === "rabbitmq-cluster" ? stage.cluster.nodes[0] : rabbitmqOf(stage).server;
    await node?.ctl("close_all_connections", "chaos");
  },
};
