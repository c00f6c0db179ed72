import type { Scenario } from "../scenario.js";

export const workerKillSettling: Scenario = {
  name: "worker-kill-settling",
  sentence:
    "Workers are killed while they do little else than settle: what was settled does not run again, what was not does.",
  stages: ["redis", "rabbitmq"],
  tier: { redis: "quick", rabbitmq: "default" },
  mix: { instant: 8, once: 1, flaky: 2 },
  perSecond: 600,
  faults: 15,
  everyMs: 250,
  storm: true,
  sparesOthers: true,
  strike: ({ workers, random }) => workers.killOne(random.next()),
};
