import { type Counts, countTasks } from "./checker/counts.js";
import type { Finding, Rule } from "./checker/rule.js";
import type { RuleName } from "./checker/rule-name.js";
import { rules } from "./checker/rules.js";
import { collect, type RunHistory } from "./checker/run-history.js";
import { storyOf } from "./checker/story.js";
import type { Terms } from "./checker/terms.js";
import type { HistoryEvent } from "./history-event.js";

/** A promise that was not kept, with the tasks that show it. */
export interface Violation {
  /** Undefined where the runner found it by itself. */
  readonly rule?: RuleName;
  readonly promise: string;
  /** The tasks that show it; empty where it is about the run as a whole. */
  readonly ids: readonly string[];
  /** What was found, one line each: how the first tasks break the rule, and everything that happened to them. */
  readonly details?: readonly string[];
  /** Why the scenario accepts it; undefined where it does not. */
  readonly allowedBecause?: string;
}

/** Result of a check. */
export interface Verdict {
  /** What breaks a promise. */
  readonly violations: readonly Violation[];
  /** What would break one, and is accepted by the terms of the run, each with the reason. */
  readonly allowed: readonly Violation[];
  readonly counts: Counts;
}

/** Tasks whose whole story is told for each violation. */
const MAX_STORIES = 3;

/** Findings of which one line is told. */
const MAX_FINDINGS = 10;

/** Holds the events of a run, in any order, against what each task is promised. Pure. */
export function check(events: readonly HistoryEvent[], terms: Terms = {}): Verdict {
  const history = collect(events);
  const violations: Violation[] = [];
  const allowed: Violation[] = [];
  for (const rule of rules) {
    const findings = rule.find(history, terms);
    if (findings.length === 0) continue;
    const allowance = terms.allowances?.find(({ rule: name, upTo }) => name === rule.name && findings.length <= upTo);
    if (allowance === undefined) violations.push(violationOf(rule, findings, history));
    else allowed.push({ ...violationOf(rule, findings, history), allowedBecause: allowance.because });
  }
  return { violations, allowed, counts: countTasks(history) };
}

function violationOf(rule: Rule, findings: readonly Finding[], history: RunHistory): Violation {
  const ids = [...new Set(findings.flatMap(({ id }) => id ?? []))];
  const lines = findings.slice(0, MAX_FINDINGS).map(({ id, what }) => (id === undefined ? what : `${id} ${what}`));
  const stories = ids.slice(0, MAX_STORIES).flatMap((id) => [`Task ${id}:`, ...storyOf(id, history)]);
  return { rule: rule.name, promise: rule.promise, ids, details: [...lines, ...stories] };
}
