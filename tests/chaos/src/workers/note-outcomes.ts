import type { Worker } from "@chicory/worker";
import type { EventOf } from "../checker/task-history.js";
import type { NewHistoryEvent } from "../history-event.js";

/** What a worker's events say of a delivery. */
interface Told {
  readonly id: string | undefined;
  readonly attempt: number | undefined;
}

/** Writes what the broker takes of each task of a worker, and what the worker loses, under the worker's name. */
export function noteOutcomes(worker: Worker, name: string, write: (event: NewHistoryEvent) => void): void {
  const settled =
    (as: EventOf<"settled">["as"]) =>
    ({ id, attempt }: Told) => {
      if (id !== undefined) write({ kind: "settled", id, worker: name, as, attempt });
    };
  worker.on("succeeded", settled("succeeded"));
  worker.on("retried", settled("retried"));
  worker.on("deadLettered", settled("dead-lettered"));
  worker.on("failed", settled("failed"));
  worker.on("requeued", settled("requeued"));
  worker.on("lost", ({ id, attempt }) => {
    if (id !== undefined) write({ kind: "lost-lease", id, worker: name, attempt });
  });
}
