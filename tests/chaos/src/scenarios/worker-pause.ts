import { LEASE_MS } from "../load.js";
import type { Scenario } from "../scenario.js";

export const workerPause: Scenario = {
  name: "worker-pause",
  sentence: "A worker is stopped for longer than its lease and continued: what was taken from it is not settled twice.",
  server: { ownServer: true },
  faults: 3,
  everyMs: 500,
  async strike({ workers, random, pause }) {
    const resume = workers.pauseOne(random.next());
    await pause(LEASE_MS * 2.5);
    resume();
  },
};
