import type { Rule } from "../rule.js";
import { isConfirmed, isDone } from "../task-history.js";

/**
 * Confirmed = done + dead + waiting. That a confirmed task is in none of the three breaks `at-least-once`; here is the
 * other half: the broker holds no more messages than there are tasks that may not have come to their end.
 */
export const countsAddUp: Rule = {
  name: "counts-add-up",
  promise: "confirmed = done + dead + waiting: nothing waits that was settled or never sent",
  find({ tasks, waiting }) {
    const held = waiting.reduce((sum, { ready, delayed, inFlight }) => sum + ready + delayed + inFlight, 0);
    let open = 0;
    for (const task of tasks.values()) {
      const isOpen = isConfirmed(task) || task.outcome?.kind === "pub-unknown";
      if (isOpen && !isDone(task) && task.letters.length === 0) open += 1;
    }
    if (held <= open) return [];
    return [{ what: `${open} tasks have no end that is known, and ${held} messages wait` }];
  },
};
