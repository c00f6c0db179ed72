import type { Scenario } from "../scenario.js";

const CROWD = 3_000;

export const delaysInACrowd: Scenario = {
  name: "delays-in-a-crowd",
  sentence:
    "Thousands of tasks with delays of up to twenty seconds are sent in any order: none starts early, and none waits behind one that is due later.",
  stages: ["redis", "rabbitmq"],
  tier: "all",
  mix: { steady: 6, delayed: 2 },
  perSecond: 50,
  faults: 1,
  everyMs: 1_000,
  // It is no fault that explains anything, so that each start is held to its time.
  sparesOthers: true,
  sparesWorkers: true,
  // Half of the longest delay would show what waits at the head of a line; a busy machine needs some of it.
  lateMs: 5_000,
  strike: ({ producer }) => producer.burst("crowded", CROWD),
};
