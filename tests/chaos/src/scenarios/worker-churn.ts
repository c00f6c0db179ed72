import type { Scenario } from "../scenario.js";

export const workerChurn: Scenario = {
  name: "worker-churn",
  sentence:
    "Workers come and go by the dozen, most of them killed: the broker keeps no record of those that are gone for good.",
  stages: ["redis"],
  tier: "all",
  faults: 60,
  everyMs: 100,
  storm: true,
  workers: 4,
  sparesOthers: true,
  async strike({ workers, random, round }) {
    if (round % 3 === 0) await workers.replaceOne(random.next());
    else workers.killOne(random.next());
  },
};
