import type { Scenario } from "../scenario.js";
import { prepareServerClock } from "../server-clock.js";

export const redisClockDelays: Scenario = {
  name: "redis-clock-delays",
  sentence:
    "The server's clock jumps by hours while tasks wait for their time: each starts when that clock says so, not before, and none stays behind.",
  stages: ["redis"],
  tier: "all",
  // None that is tried again: the pause before a retry goes by a clock that is somewhere else when it ends.
  mix: { steady: 12, once: 3, delayed: 4, "delayed-once": 2 },
  perSecond: 100,
  faults: 4,
  everyMs: 3_000,
  sparesWorkers: true,
  keepsLeases: true,
  prepare: () => prepareServerClock([2, 0, -2, 0]),
};
