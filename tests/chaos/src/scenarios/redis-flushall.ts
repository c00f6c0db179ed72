import type { Scenario } from "../scenario.js";
import { redisOf } from "../stages/stage-of.js";

export const redisFlushall: Scenario = {
  name: "redis-flushall",
  sentence:
    "FLUSHALL under load: exactly what the server held is gone, no worker ends, and all goes on with new groups.",
  stages: ["redis"],
  tier: "quick",
  faults: 4,
  everyMs: 1_000,
  storm: true,
  sparesWorkers: true,
  async strike({ stage, lose }) {
    const redis = redisOf(stage);
    await redis.command("FLUSHALL");
    lose();
  },
};
