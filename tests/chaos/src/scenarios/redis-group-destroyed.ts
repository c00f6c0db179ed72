import type { Scenario } from "../scenario.js";
import { redisOf } from "../stages/stage-of.js";

export const redisGroupDestroyed: Scenario = {
  name: "redis-group-destroyed",
  sentence:
    "The consumer groups are destroyed under load: they are made again from the first message on, and nothing is lost.",
  stages: ["redis"],
  tier: "default",
  faults: 6,
  everyMs: 600,
  sparesWorkers: true,
  soak: true,
  async strike({ stage }) {
    const redis = redisOf(stage);
    const keys = (await redis.command("KEYS", "chicory:stream:*")) as string[];
    for (const key of keys) await redis.command("XGROUP", "DESTROY", key, "chicory-workers");
  },
};
