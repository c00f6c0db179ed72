import type { Scenario } from "../scenario.js";
import { serverOf } from "../stages/stage-of.js";

export const serverRestart: Scenario = {
  name: "server-restart",
  sentence: "The server is asked to end and started again, as at an upgrade: nothing is lost.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  faults: 2,
  everyMs: 800,
  sparesWorkers: true,
  soak: true,
  strike: ({ stage }) => serverOf(stage).restart(),
};
