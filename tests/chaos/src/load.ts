import { redis } from "@chicory/broker-redis";
import { Chicory, type Middleware, type Task } from "@chicory/core";
import { FAILING_TASK_RETRIES } from "./checker.js";
import type { Ledger, TaskKind } from "./ledger.js";

/** Lease of the load's workers: short, so that takeovers happen within a scenario. */
export const LEASE_MS = 2_000;

/** The queue that the whole load goes through. */
export const QUEUE = "chaos";

/** Where a process of the load finds server and ledger. */
export interface LoadPlace {
  readonly port: number;
  readonly ledger: Ledger;
}

/** The app of the load with one task of each kind; producers and workers have the same. */
export interface Load {
  readonly app: Chicory;
  readonly tasks: Readonly<Record<TaskKind, Task<{ readonly workMs: number }, void>>>;
}

/** Makes the load's app. Every execution is noted in the ledger of the process that runs it. */
export function createLoad({ port, ledger }: LoadPlace): Load {
  const app = new Chicory({ broker: redis({ host: "127.0.0.1", port, leaseMs: LEASE_MS, commandTimeoutMs: 2_000 }) });
  app.use(noting(ledger));
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

function noting(ledger: Ledger): Middleware {
  return {
    before({ id, attempt }) {
      ledger.write({ kind: "start", id, attempt, at: Date.now() });
    },
    after({ id, attempt }, outcome) {
      if (outcome.ok) ledger.write({ kind: "end", id, attempt });
    },
  };
}
