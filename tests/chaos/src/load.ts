import { redis } from "@chicory/broker-redis";
import { Chicory, type Middleware, type Task } from "@chicory/core";
import type { Ledger } from "./ledger.js";

/** Lease of the load's workers: short, so that takeovers happen within a scenario. */
export const LEASE_MS = 2_000;

/** The queue that the whole load goes through. */
export const QUEUE = "chaos";

/** What a task of the load does, and so what is promised of it. */
export type TaskKind = "at-least-once" | "at-most-once" | "always-fails";

/** Retries of the load's failing task. */
export const FAILING_TASK_RETRIES = 1;

/** Where a process of the load finds server and ledger. */
export interface LoadPlace {
  readonly port: number;
  readonly ledger: Ledger;
  /** Name of the process, as the history names it. */
  readonly name: string;
}

/** The app of the load with one task of each kind; producers and workers have the same. */
export interface Load {
  readonly app: Chicory;
  readonly tasks: Readonly<Record<TaskKind, Task<{ readonly workMs: number }, void>>>;
}

/** Makes the load's app. Every execution is noted in the ledger of the process that runs it. */
export function createLoad({ port, ledger, name }: LoadPlace): Load {
  const app = new Chicory({ broker: redis({ host: "127.0.0.1", port, leaseMs: LEASE_MS, commandTimeoutMs: 2_000 }) });
  app.use(noting(ledger, name));
  const work = async ({ workMs }: { readonly workMs: number }) => {
    await new Promise((resolve) => setTimeout(resolve, workMs));
  };
  return {
    app,
    tasks: {
      "at-least-once": app.task("chaos.at-least-once", { queue: QUEUE }, work),
      "at-most-once": app.task("chaos.at-most-once", { queue: QUEUE, deliveryMode: "at-most-once" }, work),
      "always-fails": app.task(
        "chaos.always-fails",
        { queue: QUEUE, retry: { maxRetries: FAILING_TASK_RETRIES, delayMs: 100 } },
        async (input: { readonly workMs: number }): Promise<void> => {
          await work(input);
          throw new Error("This task always fails");
        },
      ),
    },
  };
}

function noting(ledger: Ledger, worker: string): Middleware {
  return {
    before({ id, attempt, queue }) {
      ledger.write({ kind: "run-start", id, attempt, queue, worker, time: Date.now() });
    },
    after({ id, attempt }, { ok }) {
      ledger.write({ kind: "run-end", id, attempt, worker, ok });
    },
  };
}
