import { ofEachTask, type Rule } from "../rule.js";
import { isConfirmed, isDone, isSent } from "../task-history.js";

/** I1: nothing confirmed is lost. */
export const atLeastOnce: Rule = {
  name: "at-least-once",
  promise: "at least once: every confirmed task was executed or is in the dead letters",
  find: ofEachTask((task) =>
    isSent(task, "at-least-once") && isConfirmed(task) && !isDone(task) && task.letters.length === 0
      ? "was confirmed, and was neither executed nor buried"
      : undefined,
  ),
};
