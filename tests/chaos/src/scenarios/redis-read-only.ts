import type { Scenario } from "../scenario.js";
import { redisOf } from "../stages/stage-of.js";

export const redisReadOnly: Scenario = {
  name: "redis-read-only",
  sentence:
    "The master is made a replica that takes no writes, and a master again: what could not be settled is settled then.",
  stages: ["redis"],
  tier: "default",
  faults: 3,
  everyMs: 800,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, pause }) {
    const redis = redisOf(stage);
    // A master that nobody runs: the data stays, and writes are refused with READONLY.
    await redis.command("REPLICAOF", "127.0.0.1", 1);
    await pause(stage.silenceMs);
    await redis.command("REPLICAOF", "NO", "ONE");
  },
};
