import { ofEachTask, type Rule } from "../rule.js";
import { isSent } from "../task-history.js";

/** I3: whatever fails, also where the send's own fate is unknown. */
export const atMostOnce: Rule = {
  name: "at-most-once",
  promise: "at most once: no task is started twice",
  find: ofEachTask((task) =>
    isSent(task, "at-most-once") && task.executions.length > 1
      ? `was started ${task.executions.length} times`
      : undefined,
  ),
};
