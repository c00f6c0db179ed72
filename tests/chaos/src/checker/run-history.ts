import type { HistoryEvent } from "../history-event.js";
import { type Fault, faultsOf } from "./fault.js";
import type { EventOf, Execution, SendOutcome, TaskHistory } from "./task-history.js";

/** A run as the rules see it: one history for each task, and what belongs to no task. */
export interface RunHistory {
  readonly events: readonly HistoryEvent[];
  readonly tasks: ReadonlyMap<string, TaskHistory>;
  readonly faults: readonly Fault[];
  /** Steps of the broker's clock; without any it goes as the machine's does. */
  readonly clock: readonly EventOf<"clock">[];
  readonly waiting: readonly EventOf<"waiting">[];
  readonly exits: readonly EventOf<"worker-exit">[];
  readonly unhandled: readonly EventOf<"unhandled">[];
  /** When each worker that did not end by itself and well came to its end. */
  readonly crashedAt: ReadonlyMap<string, number>;
  /** Every worker that executed anything. */
  readonly workers: ReadonlySet<string>;
}

/** Sorts the facts of a run by what they are about. Events may come in any order. */
export function collect(unordered: readonly HistoryEvent[]): RunHistory {
  const events = inOrder(unordered);
  const tasks = new Map<string, TaskHistory>();
  const workers = new Set<string>();
  const nemeses: EventOf<"nemesis">[] = [];
  const clock: EventOf<"clock">[] = [];
  const waiting: EventOf<"waiting">[] = [];
  const exits: EventOf<"worker-exit">[] = [];
  const unhandled: EventOf<"unhandled">[] = [];
  const task = (id: string): TaskHistory => {
    let found = tasks.get(id);
    if (found === undefined) {
      found = {
        id,
        send: undefined,
        outcome: undefined,
        executions: [],
        settlements: [],
        letters: [],
        replays: 0,
        contradictions: undefined,
      };
      tasks.set(id, found);
    }
    return found;
  };
  for (const event of events) {
    switch (event.kind) {
      case "pub-call":
        noteCall(task(event.id), event);
        break;
      case "pub-ok":
      case "pub-fail":
      case "pub-unknown":
        noteOutcome(task(event.id), event);
        break;
      case "run-start":
        workers.add(event.worker);
        task(event.id).executions.push({ start: event, end: undefined, settled: undefined, lost: undefined });
        break;
      case "run-end":
        noteEnd(task(event.id), event);
        break;
      case "settled":
        noteSettled(task(event.id), event);
        break;
      case "lost-lease":
        noteLost(task(event.id), event);
        break;
      case "dead":
        task(event.id).letters.push(event);
        break;
      case "replayed":
        task(event.id).replays += 1;
        break;
      case "waiting":
        waiting.push(event);
        break;
      case "nemesis":
        nemeses.push(event);
        break;
      case "clock":
        clock.push(event);
        break;
      case "worker-exit":
        exits.push(event);
        break;
      case "unhandled":
        unhandled.push(event);
        break;
      case "worker-ready":
        break;
    }
  }
  const crashes = exits.filter(({ code, signal }) => signal !== null || code !== 0);
  const crashedAt = new Map(crashes.map(({ worker, t }) => [worker, t]));
  return { events, tasks, faults: faultsOf(nemeses), clock, waiting, exits, unhandled, crashedAt, workers };
}

function inOrder(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  let last = Number.NEGATIVE_INFINITY;
  const sorted = events.every(({ t }) => {
    const follows = t >= last;
    last = t;
    return follows;
  });
  return sorted ? events : [...events].sort((one, other) => one.t - other.t);
}

function noteCall(task: TaskHistory, event: EventOf<"pub-call">): void {
  if (task.send === undefined) task.send = event;
  else contradict(task, "it was sent twice under one id");
}

function noteOutcome(task: TaskHistory, event: SendOutcome): void {
  if (task.send === undefined) contradict(task, "a send was answered that was never called");
  if (task.outcome === undefined) task.outcome = event;
  else contradict(task, "one send was answered twice");
}

function noteEnd(task: TaskHistory, event: EventOf<"run-end">): void {
  const execution = oldest(task, event.worker, (one) => one.start.attempt === event.attempt && one.end === undefined);
  if (execution === undefined) contradict(task, `attempt ${event.attempt} ended on ${event.worker} without a start`);
  else execution.end = event;
}

/**
 * A message may be settled without an execution: buried, or given back before it started. Of several executions by one
 * worker the oldest is meant that has ended: the next attempt may start before it is told that this one is settled.
 */
function noteSettled(task: TaskHistory, event: EventOf<"settled">): void {
  task.settlements.push(event);
  const execution =
    oldest(task, event.worker, (one) => isOf(one, event) && one.end !== undefined && isOpen(one)) ??
    latest(task, event.worker, (one) => isOf(one, event) && isOpen(one));
  if (execution !== undefined) execution.settled = event;
}

/** What a worker was handed first it loses first. */
function noteLost(task: TaskHistory, event: EventOf<"lost-lease">): void {
  const execution = oldest(task, event.worker, (one) => isOf(one, event) && isOpen(one));
  if (execution !== undefined) execution.lost = event;
}

/** A worker may hold two attempts of a task: one that it lost and was not told of, and the one after it. */
function isOf({ start }: Execution, { attempt }: EventOf<"settled" | "lost-lease">): boolean {
  return attempt === undefined || attempt === start.attempt;
}

function isOpen({ settled, lost }: Execution): boolean {
  return settled === undefined && lost === undefined;
}

function oldest(task: TaskHistory, worker: string, fits: (execution: Execution) => boolean): Execution | undefined {
  return task.executions.find((one) => one.start.worker === worker && fits(one));
}

function latest(task: TaskHistory, worker: string, fits: (execution: Execution) => boolean): Execution | undefined {
  return task.executions.findLast((one) => one.start.worker === worker && fits(one));
}

function contradict(task: TaskHistory, sentence: string): void {
  task.contradictions ??= [];
  task.contradictions.push(sentence);
}
