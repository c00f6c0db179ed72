import type { Scenario } from "../scenario.js";
import { proxiesOf } from "../stages/stage-of.js";

export const networkRequestsLost: Scenario = {
  name: "network-requests-lost",
  sentence:
    "What is written never arrives, acknowledgements among it, then the connection breaks: nothing at most once runs twice.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  needs: { proxied: true },
  mix: { steady: 6, once: 10, failing: 1, flaky: 1 },
  faults: 6,
  everyMs: 300,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, random, round, pause }) {
    const { workers, producers } = proxiesOf(stage);
    const proxy = round % 3 === 2 ? producers : workers;
    proxy.blackhole("to-server");
    await pause(20 + random.below(200));
    proxy.sever();
    proxy.heal();
  },
};
