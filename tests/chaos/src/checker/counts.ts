import { longestStall } from "./longest-stall.js";
import type { RunHistory } from "./run-history.js";
import { isConfirmed, isDone, isSent, type TaskHistory } from "./task-history.js";

/** Counts of a run, for the table. */
export interface Counts {
  readonly sent: number;
  readonly confirmed: number;
  readonly unknown: number;
  readonly refused: number;
  readonly done: number;
  readonly dead: number;
  /** Tasks at least once of which an attempt ran more than once: allowed where a fault explains it, and worth knowing. */
  readonly repeated: number;
  /** Tasks at most once that were confirmed and never started: allowed when a worker dies. */
  readonly lostAtMostOnce: number;
  /** Of delayed tasks, from their time until their first start; nothing where none was sent with a delay. */
  readonly lateness?: { readonly medianMs: number; readonly p99Ms: number };
  /** See {@link longestStall}. */
  readonly longestStallMs: number;
}

/** Counts the tasks of a run that somebody sent. */
export function countTasks({ tasks, events }: RunHistory): Counts {
  const sent = [...tasks.values()].filter(({ send }) => send !== undefined);
  const of = (test: (task: TaskHistory) => boolean) => sent.filter(test).length;
  return {
    sent: sent.length,
    confirmed: of(isConfirmed),
    unknown: of(({ outcome }) => outcome?.kind === "pub-unknown"),
    refused: of(({ outcome }) => outcome?.kind === "pub-fail"),
    done: of(isDone),
    dead: of(({ letters }) => letters.length > 0),
    repeated: of(
      (task) =>
        isSent(task, "at-least-once") &&
        new Set(task.executions.map(({ start }) => start.attempt)).size < task.executions.length,
    ),
    lostAtMostOnce: of(
      (task) =>
        isSent(task, "at-most-once") && isConfirmed(task) && task.executions.length === 0 && task.letters.length === 0,
    ),
    ...lateness(sent),
    longestStallMs: longestStall(events),
  };
}

function lateness(tasks: readonly TaskHistory[]): Pick<Counts, "lateness"> {
  const late = tasks
    .flatMap(({ send, executions: [first] }) =>
      send?.eta === undefined || first === undefined ? [] : [first.start.t - Math.max(send.eta, send.t)],
    )
    .sort((one, other) => one - other);
  const at = (part: number) => Math.round(late[Math.floor((late.length - 1) * part)] ?? 0);
  return late.length === 0 ? {} : { lateness: { medianMs: at(0.5), p99Ms: at(0.99) } };
}
