import { forksBefore, mayBeStoredTwice, mayRunAgain } from "../excuses.js";
import { ofEachTask, type Rule } from "../rule.js";

/** I5: an end is an end. */
export const doneOrDead: Rule = {
  name: "done-or-dead",
  promise: "no task is both done and dead, unless a fault kept the broker from hearing that it was done",
  find: ofEachTask((task, history, terms) => {
    const { deadLetters = "exactly-once" } = terms;
    // Where acks are not confirmed, a task at most once whose ack was lost is buried as one that may have run.
    const letters = task.letters.filter(({ reason }) => reason !== "maybe-executed" || deadLetters === "exactly-once");
    if (letters.length === 0 || mayBeStoredTwice(task, history)) return undefined;
    // Of two chains of attempts one may be done, and the other buried.
    if (forksBefore(Number.POSITIVE_INFINITY, task, history, terms) > 0) return undefined;
    const done = task.executions.find(
      (execution) => execution.end?.ok === true && !mayRunAgain(execution, history, terms),
    );
    return done === undefined ? undefined : `was done by ${done.start.worker}, and is in the dead letters all the same`;
  }),
};
