import { ofEachTask, type Rule } from "../rule.js";
import { isDone } from "../task-history.js";

/** A task at most once that may have run is buried without blame. */
const BLAMELESS = "maybe-executed";

/** I5: a fault never changes what becomes of a task that ends. */
export const asExpected: Rule = {
  name: "as-expected",
  promise: "a task that can be done is not buried, and one that always fails is not done",
  find: ofEachTask((task) => {
    const { send, letters } = task;
    if (send?.expected === "dead" && isDone(task)) return "was done, though it always fails";
    const letter = send?.expected === "done" ? letters.find(({ reason }) => reason !== BLAMELESS) : undefined;
    return letter === undefined ? undefined : `was buried as ${letter.reason}, though nothing was wrong with it`;
  }),
};
