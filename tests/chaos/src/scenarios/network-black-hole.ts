import type { Scenario } from "../scenario.js";
import { proxiesOf } from "../stages/stage-of.js";

export const networkBlackHole: Scenario = {
  name: "network-black-hole",
  sentence:
    "The network swallows one direction or both for longer than a lease, and delivers it all late: nothing wedges.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  needs: { proxied: true },
  faults: 3,
  everyMs: 500,
  sparesWorkers: true,
  allows: [
    {
      rule: "as-expected",
      stages: ["rabbitmq"],
      upTo: 20,
      because: "RabbitMQ counts hand-outs that the network swallowed",
    },
  ],
  soak: true,
  async strike({ stage, round, pause }) {
    const { workers, producers } = proxiesOf(stage);
    const direction = (["both", "to-server", "to-client"] as const)[round % 3];
    for (const proxy of [workers, producers]) proxy.blackhole(direction);
    await pause(stage.silenceMs * 2);
    for (const proxy of [workers, producers]) proxy.heal();
  },
};
