import { isStruck } from "./fault.js";
import type { RunHistory } from "./run-history.js";
import type { Execution, TaskHistory } from "./task-history.js";
import type { Terms } from "./terms.js";

/** A worker that is not told whether the broker took a settlement may learn this late that it did not. */
const UNCONFIRMED_MS = 1_000;

/**
 * Whether another execution of the same attempt may follow this one: its worker died before the broker is known to have
 * taken the outcome, or it lost the delivery, or gave it back. A worker that a fault struck while it settled cannot tell
 * a settlement that took, and whose answer was lost, from a lease that ended meanwhile.
 */
export function mayRunAgain(
  { start, end, settled, lost }: Execution,
  { crashedAt, exits, faults }: RunHistory,
  { settlements = "confirmed" }: Terms,
): boolean {
  // A run that does not note how its workers end cannot tell which of them died.
  if (exits.length === 0) return true;
  if (settled !== undefined) {
    if (settled.as === "requeued" || isStruck(faults, start.worker, end?.t ?? start.t, settled.t)) return true;
    if (settlements === "confirmed") return false;
    return isStruck(faults, start.worker, start.t, settled.t + UNCONFIRMED_MS) || wasStopped(start, faults);
  }
  if (lost !== undefined) return true;
  const crash = crashedAt.get(start.worker);
  return crash !== undefined && crash >= start.t;
}

/**
 * Whether a worker that had been stopped starts what it had been handed before, and which the broker may have given to
 * somebody else meanwhile: it learns only then that its connection is gone.
 */
function wasStopped({ worker, t }: Execution["start"], faults: RunHistory["faults"]): boolean {
  return faults.some(({ target, from, until }) => target === worker && from <= t && until >= t - UNCONFIRMED_MS);
}

/**
 * How many chains of this attempt a fault may have made of one. Where the replacement is stored and the original goes in
 * two steps (see {@link Terms.deadLetters}), whoever dies between them leaves both; and while the broker does not answer
 * the replacement is stored once for each time that it is repeated.
 */
export function forksBefore(attempt: number, { executions }: TaskHistory, history: RunHistory, terms: Terms): number {
  if (terms.deadLetters !== "at-least-once") return 0;
  const earlier = executions.filter(({ start }) => start.attempt < attempt);
  const repeated = earlier.some(({ start, settled }) =>
    isStruck(history.faults, undefined, start.t, settled?.t ?? Number.POSITIVE_INFINITY),
  );
  return repeated ? Number.POSITIVE_INFINITY : earlier.filter((one) => mayRunAgain(one, history, terms)).length;
}

/**
 * How many hand-outs of an attempt came to no end, and faults explain it: executions that the broker took nothing of,
 * and of the other faults of that time each may have cut off one hand-out on its way, so that nobody began it. Of the
 * latter no more than of the former count: a moment is hit less often than a task that works.
 */
export function handOutsWithoutEnd(attempt: number, task: TaskHistory, history: RunHistory, terms: Terms): number {
  const { executions, settlements, send } = task;
  const from = executions.findLast(({ start }) => start.attempt < attempt)?.start.t ?? send?.t ?? 0;
  const until = settlements.findLast(({ as }) => as === "dead-lettered")?.t ?? Number.POSITIVE_INFINITY;
  const endless = executions.filter(
    (one) => one.start.attempt === attempt && one.settled?.as !== "requeued" && mayRunAgain(one, history, terms),
  );
  const others = history.faults.filter(
    (fault) =>
      isStruck([fault], fault.target, from, until) &&
      !endless.some(({ start, settled, lost }) => {
        const known = (settled ?? lost)?.t ?? Number.POSITIVE_INFINITY;
        return isStruck([fault], start.worker, start.t, known);
      }),
  );
  return endless.length + Math.min(others.length, endless.length);
}

/** A driver that hears nothing for so long repeats a send, on a machine too busy to answer as well. */
const REPEATED_AFTER_MS = 2_000;

/**
 * Whether the broker may hold this task twice: a send at least once is repeated where its answer is lost, unless it is
 * made idempotent.
 */
export function mayBeStoredTwice({ send, outcome }: TaskHistory, { faults }: RunHistory): boolean {
  if (send === undefined || send.mode === "at-most-once" || send.dedupe) return false;
  if (outcome?.kind !== "pub-ok" || outcome.t - send.t >= REPEATED_AFTER_MS) return true;
  return isStruck(faults, "producer", send.t, outcome.t);
}
