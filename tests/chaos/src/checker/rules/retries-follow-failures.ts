import { ofEachTask, type Rule } from "../rule.js";

/**
 * I6: an error while settling never becomes the task's failure. An attempt before that has not ended counts as failed:
 * it timed out.
 */
export const retriesFollowFailures: Rule = {
  name: "retries-follow-failures",
  promise: "a further attempt follows only on one that failed",
  find: ofEachTask(({ executions }) => {
    for (const { start } of executions) {
      if (start.attempt === 1) continue;
      const before = executions.filter((one) => one.start.attempt === start.attempt - 1 && one.start.t <= start.t);
      if (before.length === 0) return `had an attempt ${start.attempt} without the one before it`;
      if (before.every(({ end }) => end?.ok === true))
        return `was tried again after attempt ${start.attempt - 1} returned`;
    }
    return undefined;
  }),
};
