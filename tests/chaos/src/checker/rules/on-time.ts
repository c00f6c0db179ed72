import { isStruck } from "../fault.js";
import { ofEachTask, type Rule } from "../rule.js";

/** What a fault held up is worked off for a while after it is mended, in milliseconds. */
const AFTERMATH_MS = 15_000;

/** I4: a delayed task does not wait behind another's delay. */
export const onTime: Rule = {
  name: "on-time",
  promise: "a delayed task starts soon after its time, unless a fault came between",
  find: ofEachTask(({ send, executions }, { faults }, { lateMs }) => {
    const [first] = executions;
    if (lateMs === undefined || send?.eta === undefined || first === undefined) return undefined;
    const from = Math.max(send.eta, send.t);
    const late = first.start.t - from;
    if (late <= lateMs || isStruckBy(faults, from - AFTERMATH_MS, first.start.t)) return undefined;
    return `started ${Math.round(late)} ms after its time`;
  }),
};

/** Any fault counts, whomever it struck: fewer workers are slower. */
function isStruckBy(faults: Parameters<typeof isStruck>[0], from: number, until: number): boolean {
  return faults.some(({ target }) => isStruck(faults, target, from, until));
}
