import type { Scenario } from "../scenario.js";
import { serverOf } from "../stages/stage-of.js";

export const serverPause: Scenario = {
  name: "server-pause",
  sentence:
    "The server answers nothing for longer than a lease and goes on: sends settle, and no live worker seems dead.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  needs: {},
  faults: 2,
  everyMs: 800,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, pause }) {
    const server = serverOf(stage);
    await server.pause();
    await pause(stage.silenceMs * 1.75);
    await server.resume();
  },
};
