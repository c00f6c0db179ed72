import { forksBefore, mayBeStoredTwice, mayRunAgain } from "../excuses.js";
import { ofEachTask, type Rule } from "../rule.js";
import type { RunHistory } from "../run-history.js";
import { isSent, type TaskHistory } from "../task-history.js";
import type { Terms } from "../terms.js";

/**
 * I10: an attempt runs once more only for an execution that its worker did not bring to its end, for a replay, or
 * where the broker may hold the task twice. Summed up that is at most the deaths of workers times their concurrency.
 */
export const noDuplicatesWithoutCause: Rule = {
  name: "no-duplicates-without-cause",
  promise: "at least once: an attempt is repeated only where a fault explains it",
  find: ofEachTask((task, history, terms) => {
    // The sends of the fast path have one execution, and there are very many.
    if (task.executions.length < 2 || !isSent(task, "at-least-once") || mayBeStoredTwice(task, history))
      return undefined;
    for (const attempt of new Set(task.executions.map(({ start }) => start.attempt))) {
      const unexplained = unexplainedRuns(task, attempt, history, terms) - forksBefore(attempt, task, history, terms);
      if (unexplained > 0) return `ran attempt ${attempt} ${unexplained + 1} times without a fault that explains it`;
    }
    return undefined;
  }),
};

function unexplainedRuns(
  { executions, replays }: TaskHistory,
  attempt: number,
  history: RunHistory,
  terms: Terms,
): number {
  const runs = executions.filter(({ start }) => start.attempt === attempt);
  return runs.filter((run) => !mayRunAgain(run, history, terms)).length - 1 - replays;
}
