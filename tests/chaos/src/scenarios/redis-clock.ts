import type { Scenario } from "../scenario.js";
import { prepareServerClock } from "../server-clock.js";

export const redisClock: Scenario = {
  name: "redis-clock",
  sentence:
    "The server's clock jumps by hours, forth and back: no live worker seems dead, and nothing runs twice or stays behind.",
  stages: ["redis"],
  tier: "default",
  // Tasks long enough to be in flight whenever the clock jumps; none with a time of its own, which the jump would change.
  mix: { steady: 12, once: 3, long: 1 },
  perSecond: 100,
  concurrency: 64,
  faults: 4,
  everyMs: 2_500,
  sparesWorkers: true,
  keepsLeases: true,
  prepare: () => prepareServerClock([2, -2, 1, 0]),
};
