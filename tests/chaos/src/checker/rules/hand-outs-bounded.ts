import { forksBefore, mayBeStoredTwice } from "../excuses.js";
import { ofEachTask, type Rule } from "../rule.js";

/** I6: what kills its worker is buried in the end. */
export const handOutsBounded: Rule = {
  name: "hand-outs-bounded",
  promise: "no attempt is started more often than a message is handed out",
  find: ofEachTask((task, history, terms) => {
    const { maxDeliveries } = terms;
    const { executions, replays, settlements } = task;
    if (maxDeliveries === undefined || executions.length <= maxDeliveries || mayBeStoredTwice(task, history))
      return undefined;
    // What is given back may be counted from one again.
    const givenBack = settlements.filter(({ as }) => as === "requeued").length;
    for (const attempt of new Set(executions.map(({ start }) => start.attempt))) {
      const chains = 1 + replays + givenBack + forksBefore(attempt, task, history, terms);
      const bound = maxDeliveries * chains;
      const starts = executions.filter(({ start }) => start.attempt === attempt).length;
      if (starts > bound) return `was started ${starts} times in attempt ${attempt}, with ${bound} hand-outs at most`;
    }
    return undefined;
  }),
};
