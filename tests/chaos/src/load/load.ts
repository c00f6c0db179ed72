import { type BrokerDriver, Chicory, type Logger, type Middleware, type Task } from "@chicory/core";
import type { Ledger } from "../ledger.js";
import { type LoadInput, RETRY_DELAY_MS, TASK_KINDS, type TaskKind, type TaskKindName } from "./task-kinds.js";

/** The queues that the load goes through. */
export const QUEUES = ["chaos-a", "chaos-b"] as const;

/** Longest time until a send of the load is settled: short, so that a fault shows. */
export const PUBLISH_TIMEOUT_MS = 8_000;

/** Header in which a task carries the priority that it was sent with. */
export const PRIORITY_HEADER = "sent-priority";

/** What a process of the load needs. */
export interface LoadPlace {
  readonly driver: BrokerDriver;
  readonly ledger: Ledger;
  /** Name of the process, as the history names it. */
  readonly name: string;
  readonly logger: Logger;
  /** Kinds of tasks that this process does not know, as one of an older release. */
  readonly lacks?: readonly TaskKindName[];
}

/** The app of the load with one task of each kind; producers and workers have the same. */
export interface Load {
  readonly app: Chicory;
  readonly tasks: Readonly<Record<TaskKindName, Task<LoadInput, unknown>>>;
}

/** Makes the load's app, without the tasks that it lacks. Every execution is noted in the ledger of the process that runs it. */
export function createLoad({ driver, ledger, name, logger, lacks = [] }: LoadPlace): Load {
  const app = new Chicory({ broker: driver, logger, publishTimeoutMs: PUBLISH_TIMEOUT_MS });
  app.use(noting(ledger, name));
  const define = (kind: TaskKindName): Task<LoadInput, unknown> => {
    const { options, handle }: TaskKind = TASK_KINDS[kind];
    const { maxRetries, ...rest } = options;
    const retry = rest.deliveryMode === "at-most-once" ? {} : { retry: { maxRetries, delayMs: RETRY_DELAY_MS } };
    return app.task(`chaos.${kind}`, { queue: QUEUES[0], ...rest, ...retry }, handle);
  };
  const kinds = (Object.keys(TASK_KINDS) as TaskKindName[]).filter((kind) => !lacks.includes(kind));
  const tasks = Object.fromEntries(kinds.map((kind) => [kind, define(kind)]));
  // `fromEntries` forgets which keys it was given.
  return { app, tasks: tasks as Load["tasks"] };
}

function noting(ledger: Ledger, worker: string): Middleware {
  return {
    before({ id, attempt, queue, headers }) {
      const sent = headers[PRIORITY_HEADER];
      const priority = sent === undefined ? {} : { priority: Number(sent) };
      ledger.write({ kind: "run-start", id, attempt, queue, worker, time: Date.now(), ...priority });
    },
    after({ id, attempt }, { ok }) {
      ledger.write({ kind: "run-end", id, attempt, worker, ok });
    },
  };
}
