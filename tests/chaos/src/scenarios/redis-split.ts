import { eventually } from "@chicory/test-servers";
import type { Scenario } from "../scenario.js";

const TAKEOVER_LIMIT_MS = 60_000;
/** Drivers ask the sentinels every ten seconds whether their master is still the one. */
const SPLIT_MS = 15_000;

export const redisSplit: Scenario = {
  name: "redis-split",
  sentence:
    "The master is cut off from its group and goes on taking commands, while a replica takes over: nothing that both had confirmed is lost, and nothing at most once runs on both sides.",
  stages: ["redis-sentinel"],
  tier: "all",
  perSecond: 100,
  faults: 1,
  everyMs: 1_000,
  sparesWorkers: true,
  async strike({ stage, pause }) {
    if (stage.name !== "redis-sentinel") throw new Error(`A group is split, and the stage is ${stage.name}`);
    const { group } = stage;
    const old = await group.master();
    const mend = await group.isolate(old);
    await eventually(async () => (await group.master()) !== old, {
      what: "a replica to take over",
      deadlineMs: TAKEOVER_LIMIT_MS,
    });
    await pause(SPLIT_MS);
    await mend();
    // Without a replica nothing is confirmed; the fault has ended when there is one again.
    await group.healthy();
  },
};
