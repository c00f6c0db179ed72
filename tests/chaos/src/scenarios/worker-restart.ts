import type { Scenario } from "../scenario.js";

export const workerRestart: Scenario = {
  name: "worker-restart",
  sentence:
    "Workers are replaced one by one with SIGTERM under load: each ends with code 0 and hands back what it holds.",
  server: { ownServer: true },
  faults: 8,
  everyMs: 300,
  async strike({ workers, random }) {
    const code = await workers.replaceOne(random.next());
    if (code !== 0) workers.unexpectedExits.push(`code ${code} after SIGTERM`);
  },
};
