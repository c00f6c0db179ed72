import { canStepClocks, createSteppedClock } from "@chicory/test-servers";
import type { Scenario } from "../scenario.js";

const HOUR_MS = 3_600_000;
/** Hours by which the server's clock is ahead. It is right at the end, or what waits would wait for hours. */
const LEADS = [2, 0, -2, 0] as const;

export const redisClockDelays: Scenario = {
  name: "redis-clock-delays",
  sentence:
    "The server's clock jumps by hours while tasks wait for their time: each starts when that clock says so, not before, and none stays behind.",
  stages: ["redis"],
  tier: "all",
  // None that is tried again: the pause before a retry goes by a clock that is somewhere else when it ends.
  mix: { steady: 12, once: 3, delayed: 4, "delayed-once": 2 },
  perSecond: 100,
  faults: LEADS.length,
  everyMs: 3_000,
  sparesWorkers: true,
  keepsLeases: true,
  async prepare() {
    if (!(await canStepClocks())) return "stepping a server's clock needs Linux and a C compiler";
    const clock = await createSteppedClock();
    return {
      needs: { redis: { env: clock.env } },
      strike: ({ round, ledger }) => {
        const aheadMs = (LEADS[round % LEADS.length] ?? 0) * HOUR_MS;
        ledger.write({ kind: "clock", aheadMs });
        clock.step(aheadMs);
      },
      dispose: () => clock.remove(),
    };
  },
};
