import { ofEachTask, type Rule } from "../rule.js";
import type { RunHistory } from "../run-history.js";

const DEFAULT_EARLY_MS = 2;
/** What the broker handed out before its clock was stepped may start this much later. */
const ON_ITS_WAY_MS = 2_000;

/** I4: by the broker's clock. */
export const notBeforeItsTime: Rule = {
  name: "not-before-its-time",
  promise: "no task starts before its time",
  find: ofEachTask(({ send, executions }, { clock }, { earlyMs = DEFAULT_EARLY_MS }) => {
    const eta = send?.eta;
    if (eta === undefined) return undefined;
    const early = executions.map(({ start }) => eta - start.t - lead(clock, start.t)).find((ms) => ms > earlyMs);
    return early === undefined ? undefined : `started ${Math.round(early)} ms before its time`;
  }),
};

/** The most by which the broker's clock was ahead when it handed out what starts at this time; negative if behind. */
function lead(clock: RunHistory["clock"], t: number): number {
  const since = clock.findLastIndex((step) => step.t <= t - ON_ITS_WAY_MS);
  const leads = clock.slice(Math.max(since, 0)).flatMap((step) => (step.t <= t ? step.aheadMs : []));
  return Math.max(...leads, ...(since < 0 ? [0] : []));
}
