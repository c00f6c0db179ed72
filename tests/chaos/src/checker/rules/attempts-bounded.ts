import { ofEachTask, type Rule } from "../rule.js";

/** I6: the first attempt and its retries, and no more. */
export const attemptsBounded: Rule = {
  name: "attempts-bounded",
  promise: "no attempt is beyond the retries that a task has",
  find: ofEachTask(({ send, executions }) => {
    if (send === undefined) return undefined;
    const last = executions.reduce((most, { start }) => Math.max(most, start.attempt), 0);
    return last > send.maxRetries + 1 ? `had an attempt ${last} with ${send.maxRetries} retries` : undefined;
  }),
};
