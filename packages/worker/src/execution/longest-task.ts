import type { TaskDefinition } from "@chicory/core";

/**
 * What a task without `timeoutMs` counts as, in milliseconds. It may take longer. The figure says when a process whose
 * event loop stands still counts as hung, and only a task that computes without a pause does that to it.
 */
export const UNTIMED_TASK_MS = 600_000;

/**
 * How long a task may take from its hand-out until its outcome is known, in milliseconds, so far as time-outs bound it.
 * All tasks of the app count, since a send may choose another queue than the task's own.
 */
export function longestTaskMs(tasks: readonly Pick<TaskDefinition, "timeoutMs">[], timeoutGraceMs: number): number {
  const longest = tasks.reduce((ms, { timeoutMs = UNTIMED_TASK_MS }) => Math.max(ms, timeoutMs), 0);
  return longest + timeoutGraceMs;
}
