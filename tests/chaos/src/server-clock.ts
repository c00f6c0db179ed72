import { canStepClocks, createSteppedClock } from "@chicory/test-servers";
import type { Preparation } from "./scenario.js";

const HOUR_MS = 3_600_000;

/**
 * Prepares a Redis whose clock each fault puts so many hours ahead, one after another and over again. The last is 0, or
 * what waits for its time would wait for hours.
 */
export async function prepareServerClock(leads: readonly number[]): Promise<Preparation | string> {
  if (!(await canStepClocks())) return "stepping a server's clock needs Linux and a C compiler";
  const clock = await createSteppedClock();
  return {
    needs: { redis: { env: clock.env } },
    strike({ round, ledger }) {
      const aheadMs = (leads[round % leads.length] ?? 0) * HOUR_MS;
      ledger.write({ kind: "clock", aheadMs });
      clock.step(aheadMs);
    },
    dispose: () => clock.remove(),
  };
}
