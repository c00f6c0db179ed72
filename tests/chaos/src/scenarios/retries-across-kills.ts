import type { Scenario } from "../scenario.js";

export const retriesAcrossKills: Scenario = {
  name: "retries-across-kills",
  sentence:
    "Tasks fail and are tried again while workers are killed: no attempt is one too many, each failure is buried once.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  mix: { failing: 3, flaky: 4, steady: 3 },
  faults: 12,
  everyMs: 300,
  storm: true,
  sparesOthers: true,
  strike: ({ workers, random }) => workers.killOne(random.next()),
};
