import type { LedgerEvent, TaskKind } from "./ledger.js";

/** What is found in the broker when everything has come to rest. */
export interface Remains {
  /** Task ids of the dead letters, as often as there are letters. */
  readonly deadIds: readonly string[];
  /** Messages that are ready, delayed or in flight. */
  readonly waiting: number;
}

/** A broken promise, with the tasks that show it. */
export interface Violation {
  readonly promise: string;
  readonly ids: readonly string[];
}

/** Counts of a run, for the table. */
export interface Counts {
  readonly sent: number;
  readonly confirmed: number;
  readonly unknown: number;
  readonly refused: number;
  readonly done: number;
  readonly dead: number;
  /** Tasks at least once that ended more than once: allowed, and worth knowing. */
  readonly repeated: number;
  /** Tasks at most once that were confirmed and never started: allowed when a worker dies. */
  readonly lostAtMostOnce: number;
}

/** Result of a check. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly counts: Counts;
}

interface TaskHistory {
  readonly kind: TaskKind;
  readonly eta: number | undefined;
  outcome: "confirmed" | "refused" | "unknown" | undefined;
  readonly starts: { readonly attempt: number; readonly at: number }[];
  ends: number;
  letters: number;
}

/** Retries of the load's failing task: so many attempts more than one, if no worker dies. */
export const FAILING_TASK_RETRIES = 1;

/** Holds the events of a run against what each kind of task is promised. Pure. */
export function check(events: readonly LedgerEvent[], { deadIds, waiting }: Remains): Verdict {
  const { histories, strangers } = collect(events, deadIds);
  const violations: Violation[] = [];
  const expect = (promise: string, broken: (task: TaskHistory) => boolean) => {
    const ids = [...histories].filter(([, task]) => broken(task)).map(([id]) => id);
    if (ids.length > 0) violations.push({ promise, ids });
  };
  if (strangers.length > 0) violations.push({ promise: "nothing runs that was never sent", ids: strangers });
  if (waiting > 0) violations.push({ promise: `nothing is left waiting (${waiting} are)`, ids: [] });
  expect("every send is settled one way or the other", (task) => task.outcome === undefined);
  expect("nothing runs that was refused", ({ outcome, starts }) => outcome === "refused" && starts.length > 0);
  expect(
    "at least once: every confirmed task was executed or is in the dead letters",
    ({ kind, outcome, ends, letters }) =>
      kind === "at-least-once" && outcome === "confirmed" && ends === 0 && letters === 0,
  );
  expect("at most once: no task is started twice", ({ kind, starts }) => kind === "at-most-once" && starts.length > 1);
  expect(
    "a task that always fails is in the dead letters exactly once",
    ({ kind, outcome, letters }) => kind === "always-fails" && outcome === "confirmed" && letters !== 1,
  );
  expect("no task has two dead letters", ({ letters }) => letters > 1);
  expect(
    "no attempt is beyond the retries",
    ({ kind, starts }) => kind === "always-fails" && starts.some(({ attempt }) => attempt > FAILING_TASK_RETRIES + 1),
  );
  expect("no task starts before its time", ({ eta, starts }) => eta !== undefined && starts.some(({ at }) => at < eta));
  return { violations, counts: count([...histories.values()]) };
}

function collect(events: readonly LedgerEvent[], deadIds: readonly string[]) {
  const histories = new Map<string, TaskHistory>();
  // The order across files means nothing: sends first, then what happened to them.
  for (const event of events) {
    if (event.kind !== "send") continue;
    const { task: kind, eta } = event;
    histories.set(event.id, { kind, eta, outcome: undefined, starts: [], ends: 0, letters: 0 });
  }
  const strangers = new Set<string>();
  const known = (id: string) => {
    const task = histories.get(id);
    if (task === undefined) strangers.add(id);
    return task;
  };
  for (const event of events) {
    if (event.kind === "send") continue;
    const task = known(event.id);
    if (task === undefined) continue;
    switch (event.kind) {
      case "confirmed":
      case "refused":
      case "unknown":
        task.outcome = event.kind;
        break;
      case "start":
        task.starts.push(event);
        break;
      case "end":
        task.ends += 1;
        break;
    }
  }
  for (const id of deadIds) {
    const task = known(id);
    if (task !== undefined) task.letters += 1;
  }
  return { histories, strangers: [...strangers] };
}

function count(tasks: readonly TaskHistory[]): Counts {
  const of = (test: (task: TaskHistory) => boolean) => tasks.filter(test).length;
  return {
    sent: tasks.length,
    confirmed: of(({ outcome }) => outcome === "confirmed"),
    unknown: of(({ outcome }) => outcome === "unknown"),
    refused: of(({ outcome }) => outcome === "refused"),
    done: of(({ ends }) => ends > 0),
    dead: of(({ letters }) => letters > 0),
    repeated: of(({ kind, ends }) => kind === "at-least-once" && ends > 1),
    lostAtMostOnce: of(
      ({ kind, outcome, starts, letters }) =>
        kind === "at-most-once" && outcome === "confirmed" && starts.length === 0 && letters === 0,
    ),
  };
}
