import { mayBeStoredTwice } from "../excuses.js";
import { ofEachTask, type Rule } from "../rule.js";

/** I5: where a settlement is one step, one message makes one letter. */
export const oneDeadLetter: Rule = {
  name: "one-dead-letter",
  promise: "no task has two dead letters",
  find: ofEachTask((task, history, { deadLetters = "exactly-once" }) => {
    const { length } = task.letters;
    if (length < 2 || deadLetters === "at-least-once" || mayBeStoredTwice(task, history)) return undefined;
    return `has ${length} dead letters`;
  }),
};
