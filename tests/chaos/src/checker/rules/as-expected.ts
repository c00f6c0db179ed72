import { handOutsWithoutEnd } from "../excuses.js";
import { ofEachTask, type Rule } from "../rule.js";
import type { RunHistory } from "../run-history.js";
import { isDone, type TaskHistory } from "../task-history.js";
import type { Terms } from "../terms.js";

/** A task at most once that may have run is buried without blame. */
const BLAMELESS = "maybe-executed";

/** A message is buried for this that was handed out as often as is allowed, and never came to an end. */
const WORN_OUT = "delivery-limit";

/** I5: a fault never changes what becomes of a task that ends. */
export const asExpected: Rule = {
  name: "as-expected",
  promise:
    "a task that can be done is not buried, unless faults ended every one of its hand-outs; one that always fails is not done",
  find: ofEachTask((task, history, terms) => {
    const { send, letters } = task;
    if (send?.expected === "dead" && isDone(task)) return "was done, though it always fails";
    if (send?.expected !== "done") return undefined;
    const letter = letters.find(
      ({ reason }) => reason !== BLAMELESS && !(reason === WORN_OUT && mayBeWornOut(task, history, terms)),
    );
    return letter === undefined ? undefined : `was buried as ${letter.reason}, though nothing was wrong with it`;
  }),
};

/**
 * Whether the broker may have handed one attempt out as often as is allowed without hearing of an end: nobody can tell
 * a worker that is cut off for longer than its lease, again and again, from one that the task kills.
 */
function mayBeWornOut(task: TaskHistory, history: RunHistory, terms: Terms): boolean {
  const { maxDeliveries } = terms;
  if (maxDeliveries === undefined) return false;
  const attempts = new Set(task.executions.map(({ start }) => start.attempt));
  return [...attempts].some((attempt) => handOutsWithoutEnd(attempt, task, history, terms) >= maxDeliveries);
}
