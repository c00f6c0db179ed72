import type { Scenario } from "../scenario.js";
import { serverOf } from "../stages/stage-of.js";

export const serverKill: Scenario = {
  name: "server-kill",
  sentence: "The server is killed with SIGKILL and started again: nothing that was confirmed is lost.",
  stages: ["redis", "rabbitmq"],
  tier: { redis: "quick", rabbitmq: "default" },
  needs: { redis: { appendonly: "always" } },
  faults: 3,
  everyMs: 800,
  sparesWorkers: true,
  soak: true,
  async strike({ stage }) {
    const server = serverOf(stage);
    await server.kill();
    await server.restart();
  },
};
