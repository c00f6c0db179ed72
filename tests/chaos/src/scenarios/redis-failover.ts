import { eventually, type RedisNode } from "@chicory/test-servers";
import { QUEUES } from "../load/load.js";
import type { Scenario } from "../scenario.js";
import type { Stage } from "../stages/stage.js";

const TAKEOVER_LIMIT_MS = 60_000;

export const redisFailover: Scenario = {
  name: "redis-failover",
  sentence:
    "The master is killed, or hangs, and its replica takes over: nothing that both had confirmed is lost, and the old one comes back as a replica.",
  stages: ["redis-sentinel", "redis-cluster"],
  tier: "default",
  perSecond: 100,
  faults: 2,
  everyMs: 1_000,
  sparesWorkers: true,
  async strike({ stage, round }) {
    const { master, healthy } = groupOf(stage);
    const lost = await master();
    if (round % 2 === 0) await lost.kill();
    else await lost.pause();
    await eventually(async () => (await master()) !== lost, {
      what: "a replica to take over",
      deadlineMs: TAKEOVER_LIMIT_MS,
    });
    if (round % 2 === 0) await lost.restart();
    else await lost.resume();
    // Without a replica nothing is confirmed; the fault has ended when there is one again.
    await healthy();
  },
};

/** The master that serves the first queue, now, and how its group is known to be whole. */
function groupOf(stage: Stage): { readonly master: () => Promise<RedisNode>; readonly healthy: () => Promise<void> } {
  switch (stage.name) {
    case "redis-sentinel":
      return stage.group;
    case "redis-cluster": {
      const { cluster } = stage;
      const master = async () => cluster.masterOf(await cluster.slotOf(QUEUES[0]));
      return { master, healthy: () => cluster.healthy() };
    }
    default:
      throw new Error(
        `A failover needs replicas, and the stage is ${stage.name}: name another in the scenario's stages`,
      );
  }
}
