import type { Scenario } from "../scenario.js";

const WORKERS = 3;

export const rollingUpgrade: Scenario = {
  name: "rolling-upgrade",
  sentence:
    "Producers send a task that no worker knows yet, and workers that do replace the others one by one: it is delayed, not dead.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  mix: { steady: 12, once: 3, newest: 2 },
  perSecond: 100,
  workers: WORKERS,
  faults: WORKERS,
  everyMs: 1_000,
  sparesOthers: true,
  sparesWorkers: true,
  lacks: ["newest"],
  async strike({ workers, broken }) {
    workers.upgrade();
    // The oldest is of the old release, as long as there is one.
    const { code } = await workers.replaceOne(0);
    if (code !== 0) broken(`a worker that is asked to stop ends with 0, not ${code}`);
  },
};
