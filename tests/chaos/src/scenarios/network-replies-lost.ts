import type { Scenario } from "../scenario.js";
import { proxiesOf } from "../stages/stage-of.js";

export const networkRepliesLost: Scenario = {
  name: "network-replies-lost",
  sentence: "Requests arrive and their answers never do, then the connection breaks: nothing at most once runs twice.",
  stages: ["redis", "rabbitmq"],
  tier: "quick",
  needs: { proxied: true },
  mix: { steady: 6, once: 10, failing: 1, flaky: 1 },
  faults: 6,
  everyMs: 300,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, random, round, pause }) {
    const { workers, producers } = proxiesOf(stage);
    const proxy = round % 2 === 0 ? workers : producers;
    proxy.blackhole("to-client");
    await pause(20 + random.below(200));
    proxy.sever();
    proxy.heal();
  },
};
