import type { Scenario } from "../scenario.js";
import { serverOf } from "../stages/stage-of.js";

export const serverKillEverysec: Scenario = {
  name: "server-kill-everysec",
  sentence:
    "A Redis that writes to disk every second is killed, but not its machine: what it confirmed is in the system cache, and not lost.",
  stages: ["redis"],
  tier: "default",
  needs: { redis: { appendonly: "everysec" } },
  faults: 5,
  everyMs: 700,
  sparesWorkers: true,
  async strike({ stage }) {
    const server = serverOf(stage);
    await server.kill();
    await server.restart();
  },
};
