import type { Rule } from "../rule.js";
import { isConfirmed, isSent } from "../task-history.js";

/** A worker holds at most its concurrency and a look-ahead of as much again. */
const HELD_PER_SLOT = 2;

/** I3: a task at most once is lost only with what a fault tore down. */
export const atMostOnceLosses: Rule = {
  name: "at-most-once-losses",
  promise: "at most once: what is lost was in the hands of a worker that a fault struck; a graceful stop loses nothing",
  find({ tasks, faults, crashedAt, workers }, { concurrency }) {
    const lost = [...tasks.values()].filter(
      (task) =>
        isSent(task, "at-most-once") && isConfirmed(task) && task.executions.length === 0 && task.letters.length === 0,
    );
    const strokes = faults.reduce(
      (sum, { target }) => sum + (target === undefined ? Math.max(workers.size, 1) : crashedAt.has(target) ? 0 : 1),
      crashedAt.size,
    );
    const bound = strokes === 0 ? 0 : strokes * HELD_PER_SLOT * (concurrency ?? Number.POSITIVE_INFINITY);
    if (lost.length <= bound) return [];
    return lost.map(({ id }) => ({
      id,
      what: `was lost, one of ${lost.length} where faults explain at most ${bound}`,
    }));
  },
};
