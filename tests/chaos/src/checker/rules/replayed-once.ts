import { mayBeStoredTwice, mayRunAgain } from "../excuses.js";
import { ofEachTask, type Rule } from "../rule.js";

/** I5: of operators that put one letter back, one succeeds. */
export const replayedOnce: Rule = {
  name: "replayed-once",
  promise: "no dead letter is replayed twice",
  find: ofEachTask((task, history, terms) => {
    const { deadLetters = "exactly-once" } = terms;
    const { executions, replays } = task;
    if (replays < 2 || deadLetters === "at-least-once" || mayBeStoredTwice(task, history)) return undefined;
    const burials = executions.filter(
      (one) => one.settled?.as === "dead-lettered" || mayRunAgain(one, history, terms),
    ).length;
    return replays > Math.max(burials, 1) ? `was replayed ${replays} times, and buried ${burials} times` : undefined;
  }),
};
