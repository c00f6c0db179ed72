import type { Scenario } from "../scenario.js";
import { proxiesOf } from "../stages/stage-of.js";

export const networkReset: Scenario = {
  name: "network-reset",
  sentence:
    "Connections are reset in the middle of whatever they carry: what is unknown is repeated where it may be, never else.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  needs: { proxied: true },
  faults: 8,
  everyMs: 250,
  sparesWorkers: true,
  allows: [
    {
      rule: "as-expected",
      stages: ["rabbitmq"],
      upTo: 20,
      because: "RabbitMQ counts hand-outs that a reset took away",
    },
  ],
  soak: true,
  strike({ stage, random }) {
    const { workers, producers } = proxiesOf(stage);
    (random.below(2) === 0 ? workers : producers).sever();
  },
};
