import type { Scenario } from "../scenario.js";
import { serverOf } from "../stages/stage-of.js";

export const serverEmptied: Scenario = {
  name: "server-emptied",
  sentence: "The server comes back without its data: what it held is gone, and what is sent from then on runs as ever.",
  stages: ["redis", "rabbitmq"],
  tier: { redis: "default", rabbitmq: "all" },
  faults: 2,
  everyMs: 1_500,
  sparesWorkers: true,
  async strike({ stage, lose }) {
    await serverOf(stage).restart({ keepData: false });
    lose();
  },
};
