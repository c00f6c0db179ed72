import { mayBeStoredTwice, mayRunAgain } from "../excuses.js";
import { ofEachTask, type Rule } from "../rule.js";

/** I5: an end is an end. */
export const doneOrDead: Rule = {
  name: "done-or-dead",
  promise: "no task is both done and dead, unless a fault kept the broker from hearing that it was done",
  find: ofEachTask((task, history) => {
    if (task.letters.length === 0 || mayBeStoredTwice(task, history)) return undefined;
    const done = task.executions.find((execution) => execution.end?.ok === true && !mayRunAgain(execution, history));
    return done === undefined ? undefined : `was done by ${done.start.worker}, and is in the dead letters all the same`;
  }),
};
