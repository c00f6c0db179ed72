import type { Scenario } from "../scenario.js";
import { redisOf } from "../stages/stage-of.js";

export const redisFull: Scenario = {
  name: "redis-full",
  sentence:
    "A flood fills the server to maxmemory: sends wait or are refused, what is stored still runs and makes room again.",
  stages: ["redis"],
  tier: "default",
  faults: 2,
  everyMs: 1_000,
  sparesWorkers: true,
  async strike({ stage, producer, pause }) {
    const redis = redisOf(stage);
    const info = String(await redis.command("INFO", "memory"));
    const used = Number(/used_memory:(\d+)/.exec(info)?.[1]);
    await redis.command("CONFIG", "SET", "maxmemory", used + 100_000);
    await producer.burst("steady", 10_000);
    await pause(1_000);
    await redis.command("CONFIG", "SET", "maxmemory", 0);
  },
};
