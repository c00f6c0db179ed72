import type { Scenario } from "../scenario.js";
import { redisOf } from "../stages/stage-of.js";

export const redisOperator: Scenario = {
  name: "redis-operator",
  sentence:
    "An operator flushes scripts, kills clients and pauses them: every call is answered or repeated, and nothing is lost.",
  stages: ["redis"],
  tier: "quick",
  faults: 12,
  everyMs: 300,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, random, pause }) {
    const redis = redisOf(stage);
    switch (random.below(4)) {
      case 0:
        await redis.command("SCRIPT", "FLUSH");
        break;
      case 1:
        await redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        break;
      case 2:
        await redis.command("CLIENT", "PAUSE", 1_500, "WRITE");
        await pause(1_500);
        break;
      default:
        await redis.command("CLIENT", "PAUSE", 1_500, "ALL");
        await pause(1_500);
    }
  },
};
