import { canStepClocks, createSteppedClock } from "@chicory/test-servers";
import type { Scenario } from "../scenario.js";

const HOUR_MS = 3_600_000;

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
  async prepare() {
    if (!(await canStepClocks())) return "stepping a server's clock needs Linux and a C compiler";
    const clock = await createSteppedClock();
    return {
      needs: { redis: { env: clock.env } },
      strike: ({ round }) => clock.step(([2, -2, 1, 0][round % 4] ?? 0) * HOUR_MS),
      dispose: () => clock.remove(),
    };
  },
};
