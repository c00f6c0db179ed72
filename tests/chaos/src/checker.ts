import type { HistoryEvent } from "./history-event.js";

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

type Send = Extract<HistoryEvent, { kind: "pub-call" }>;
type Start = Extract<HistoryEvent, { kind: "run-start" }>;

interface TaskHistory {
  readonly send: Send;
  outcome: "pub-ok" | "pub-fail" | "pub-unknown" | undefined;
  readonly starts: Start[];
  ends: number;
  letters: number;
}

/** What a time in milliseconds is rounded by, twice. */
const ROUNDING_MS = 1;

/** Holds the events of a run against what each task is promised. Pure. */
export function check(events: readonly HistoryEvent[]): Verdict {
  const { histories, strangers, waiting } = collect(events);
  const violations: Violation[] = [];
  const expect = (promise: string, broken: (task: TaskHistory) => boolean) => {
    const ids = [...histories].filter(([, task]) => broken(task)).map(([id]) => id);
    if (ids.length > 0) violations.push({ promise, ids });
  };
  if (strangers.length > 0) violations.push({ promise: "nothing runs that was never sent", ids: strangers });
  if (waiting > 0) violations.push({ promise: `nothing is left waiting (${waiting} are)`, ids: [] });
  expect("every send is settled one way or the other", (task) => task.outcome === undefined);
  expect("nothing runs that was refused", ({ outcome, starts }) => outcome === "pub-fail" && starts.length > 0);
  expect(
    "at least once: every confirmed task was executed or is in the dead letters",
    ({ send, outcome, ends, letters }) =>
      send.mode === "at-least-once" && send.expected !== "dead" && outcome === "pub-ok" && ends === 0 && letters === 0,
  );
  expect(
    "at most once: no task is started twice",
    ({ send, starts }) => send.mode === "at-most-once" && starts.length > 1,
  );
  expect(
    "a task that always fails is in the dead letters exactly once",
    ({ send, outcome, letters }) => send.expected === "dead" && outcome === "pub-ok" && letters !== 1,
  );
  expect("no task has two dead letters", ({ letters }) => letters > 1);
  expect("no attempt is beyond the retries", ({ send, starts }) =>
    starts.some(({ attempt }) => attempt > send.maxRetries + 1),
  );
  expect("no task starts before its time", ({ send, starts }) => {
    const { eta } = send;
    return eta !== undefined && starts.some(({ t }) => t < eta - ROUNDING_MS);
  });
  return { violations, counts: count([...histories.values()]) };
}

function collect(events: readonly HistoryEvent[]) {
  const histories = new Map<string, TaskHistory>();
  // The order across files means little: sends first, then what happened to them.
  for (const event of events) {
    if (event.kind !== "pub-call") continue;
    histories.set(event.id, { send: event, outcome: undefined, starts: [], ends: 0, letters: 0 });
  }
  const strangers = new Set<string>();
  const known = (id: string) => {
    const task = histories.get(id);
    if (task === undefined) strangers.add(id);
    return task;
  };
  let waiting = 0;
  for (const event of events) {
    switch (event.kind) {
      case "pub-ok":
      case "pub-fail":
      case "pub-unknown": {
        const task = known(event.id);
        if (task !== undefined) task.outcome = event.kind;
        break;
      }
      case "run-start":
        known(event.id)?.starts.push(event);
        break;
      case "run-end": {
        const task = known(event.id);
        if (task !== undefined && event.ok) task.ends += 1;
        break;
      }
      case "dead": {
        const task = known(event.id);
        if (task !== undefined) task.letters += 1;
        break;
      }
      case "waiting":
        waiting += event.ready + event.delayed + event.inFlight;
        break;
    }
  }
  return { histories, strangers: [...strangers], waiting };
}

function count(tasks: readonly TaskHistory[]): Counts {
  const of = (test: (task: TaskHistory) => boolean) => tasks.filter(test).length;
  return {
    sent: tasks.length,
    confirmed: of(({ outcome }) => outcome === "pub-ok"),
    unknown: of(({ outcome }) => outcome === "pub-unknown"),
    refused: of(({ outcome }) => outcome === "pub-fail"),
    done: of(({ ends }) => ends > 0),
    dead: of(({ letters }) => letters > 0),
    repeated: of(({ send, ends }) => send.mode === "at-least-once" && ends > 1),
    lostAtMostOnce: of(
      ({ send, outcome, starts, letters }) =>
        send.mode === "at-most-once" && outcome === "pub-ok" && starts.length === 0 && letters === 0,
    ),
  };
}
