import type { RuleName } from "./rule-name.js";
import type { RunHistory } from "./run-history.js";
import type { TaskHistory } from "./task-history.js";
import type { Terms } from "./terms.js";

/** What breaks a rule: a task, or a fact that belongs to none. */
export interface Finding {
  /** The task; undefined where the finding is about the run as a whole. */
  readonly id?: string;
  /** How the rule is broken, as a sentence without its subject. */
  readonly what: string;
}

/** One invariant of a run. Pure. */
export interface Rule {
  readonly name: RuleName;
  /** What is promised, as a sentence. */
  readonly promise: string;
  find(history: RunHistory, terms: Terms): readonly Finding[];
}

/** Findings by looking at each task alone: `look` returns how the task breaks the rule, or undefined. */
export function ofEachTask(
  look: (task: TaskHistory, history: RunHistory, terms: Terms) => string | undefined,
): Rule["find"] {
  return (history, terms) => {
    const findings: Finding[] = [];
    for (const task of history.tasks.values()) {
      const what = look(task, history, terms);
      if (what !== undefined) findings.push({ id: task.id, what });
    }
    return findings;
  };
}
