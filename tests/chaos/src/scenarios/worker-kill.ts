import type { Scenario } from "../scenario.js";

export const workerKill: Scenario = {
  name: "worker-kill",
  sentence:
    "Workers are killed with SIGKILL at random moments: every confirmed task runs, none at most once runs twice.",
  server: { ownServer: true },
  faults: 15,
  everyMs: 400,
  strike: ({ workers, random }) => workers.killOne(random.next()),
};
