import type { Scenario } from "../scenario.js";
import { proxiesOf } from "../stages/stage-of.js";

export const networkSlow: Scenario = {
  name: "network-slow",
  sentence:
    "Every frame takes long and comes in pieces: all goes on slowly, no worker seems dead, and nothing runs twice.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  needs: { proxied: true },
  perSecond: 50,
  faults: 2,
  everyMs: 500,
  sparesWorkers: true,
  async strike({ stage, round, pause }) {
    const proxies = Object.values(proxiesOf(stage));
    for (const proxy of proxies) {
      if (round % 2 === 0) proxy.delay(150);
      else proxy.trickle({ bytes: 700, everyMs: 5 });
    }
    await pause(4_000);
    for (const proxy of proxies) {
      proxy.delay(0);
      proxy.trickle(undefined);
    }
  },
};
