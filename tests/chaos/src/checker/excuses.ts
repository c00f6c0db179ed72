import { isStruck } from "./fault.js";
import type { RunHistory } from "./run-history.js";
import type { Execution, TaskHistory } from "./task-history.js";

/**
 * Whether another execution of the same attempt may follow this one: its worker died before the broker is known to have
 * taken the outcome, or it lost the delivery, or gave it back.
 */
export function mayRunAgain({ start, settled, lost }: Execution, { crashedAt, exits }: RunHistory): boolean {
  // A run that does not note how its workers end cannot tell which of them died.
  if (exits.length === 0) return true;
  if (settled !== undefined) return settled.as === "requeued";
  if (lost) return true;
  const crash = crashedAt.get(start.worker);
  return crash !== undefined && crash >= start.t;
}

/**
 * Whether the broker may hold this task twice: a send at least once is repeated where its answer is lost, unless it is
 * made idempotent.
 */
export function mayBeStoredTwice({ send, outcome }: TaskHistory, { faults }: RunHistory): boolean {
  if (send === undefined || send.mode === "at-most-once" || send.dedupe) return false;
  return outcome?.kind !== "pub-ok" || isStruck(faults, "producer", send.t, outcome.t);
}
