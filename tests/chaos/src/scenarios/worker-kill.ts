import type { Scenario } from "../scenario.js";

export const workerKill: Scenario = {
  name: "worker-kill",
  sentence:
    "Workers are killed with SIGKILL at random moments: every confirmed task runs, and none at most once runs twice.",
  stages: ["redis", "rabbitmq", "rabbitmq-cluster"],
  tier: { redis: "quick", rabbitmq: "quick", "rabbitmq-cluster": "default" },
  faults: 12,
  everyMs: 300,
  storm: true,
  sparesOthers: true,
  soak: true,
  strike: ({ workers, random }) => workers.killOne(random.next()),
};
