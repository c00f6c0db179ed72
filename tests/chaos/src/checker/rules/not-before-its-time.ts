import { ofEachTask, type Rule } from "../rule.js";

const DEFAULT_EARLY_MS = 2;

/** I4: by the broker's clock. */
export const notBeforeItsTime: Rule = {
  name: "not-before-its-time",
  promise: "no task starts before its time",
  find: ofEachTask(({ send, executions }, _, { earlyMs = DEFAULT_EARLY_MS }) => {
    const eta = send?.eta;
    if (eta === undefined) return undefined;
    const early = executions.find(({ start }) => start.t < eta - earlyMs);
    return early === undefined ? undefined : `started ${Math.round(eta - early.start.t)} ms before its time`;
  }),
};
