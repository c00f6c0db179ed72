import { type BrokerDriver, Chicory, type Middleware, type Task } from "@chicory/core";
import type { EventOf } from "../checker/task-history.js";
import type { Chronicle } from "./chronicle.js";
import { LEASE_MS, PUBLISH_TIMEOUT_MS, type SimulatedKind } from "./program.js";

/** Input of every simulated task. */
export interface SimulatedInput {
  readonly workMs: number;
}

type Send = EventOf<"pub-call">;

/** What is promised of a kind of task, and how it is defined. */
interface KindOfTask extends Pick<Send, "mode" | "maxRetries" | "expected"> {}

const alo: KindOfTask = { mode: "at-least-once", maxRetries: 0, expected: "done" };

/** The kinds by name. */
export const KINDS: Readonly<Record<SimulatedKind, KindOfTask>> = {
  plain: alo,
  once: { ...alo, mode: "at-most-once" },
  flaky: { ...alo, maxRetries: 3 },
  failing: { ...alo, maxRetries: 1, expected: "dead" },
  mended: { ...alo, expected: "either" },
  delayed: alo,
  long: alo,
  poison: { ...alo, expected: "dead" },
  fresh: alo,
};

/** Header in which a task carries the priority that it was sent with. */
export const PRIORITY_HEADER = "sent-priority";

/** Pause before a retry, in milliseconds. */
const RETRY_DELAY_MS = 50;

/** What an app of the simulation is made of. */
export interface SimulatedAppOptions {
  readonly driver: BrokerDriver;
  readonly chronicle: Chronicle;
  /** Name of its process, as the history names it. */
  readonly process: string;
  readonly isAlive: () => boolean;
  readonly kinds?: readonly SimulatedKind[];
  readonly extraRetries?: number;
  readonly publishTimeoutMs?: number;
  /** Until when `mended` tasks fail, by the clock of the run. */
  readonly mendedAt?: number;
  /** The priority under which the broker handed a task out last. */
  readonly priorityOf?: (id: string) => number | undefined;
  /** Called by a task that kills its process. */
  readonly onPoison?: () => void;
}

/** An app, and its tasks by kind. */
export interface SimulatedApp {
  readonly app: Chicory;
  readonly tasks: ReadonlyMap<SimulatedKind, Task<SimulatedInput, unknown>>;
}

/** Makes an app as a process of the simulation has it. Its executions are noted for as long as the process lives. */
export function createSimulatedApp(options: SimulatedAppOptions): SimulatedApp {
  const { driver, kinds = Object.keys(KINDS) as SimulatedKind[], extraRetries = 0 } = options;
  const app = new Chicory({ broker: driver, publishTimeoutMs: options.publishTimeoutMs ?? PUBLISH_TIMEOUT_MS });
  app.use(noting(options));
  const tasks = new Map(
    kinds.map((kind) => {
      const { mode, maxRetries } = KINDS[kind];
      const retries = mode === "at-most-once" ? 0 : Math.max(0, maxRetries + extraRetries);
      const retry = { maxRetries: retries, delayMs: RETRY_DELAY_MS };
      const handle = async ({ workMs }: SimulatedInput, { attempt }: { readonly attempt: number }) => {
        await work(kind === "long" ? LEASE_MS * 2.5 : workMs);
        if (kind === "failing" || (kind === "flaky" && attempt === 1)) throw new Error("This attempt fails");
        if (kind === "mended" && Date.now() < (options.mendedAt ?? 0)) throw new Error("It is not mended yet");
        if (kind === "poison") options.onPoison?.();
      };
      return [kind, app.task(kind, { deliveryMode: mode, retry }, handle)] as const;
    }),
  );
  return { app, tasks };
}

function work(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function noting({ chronicle, process, isAlive, priorityOf }: SimulatedAppOptions): Middleware {
  return {
    before({ id, attempt, queue, headers }) {
      if (!isAlive()) return;
      const sent = headers[PRIORITY_HEADER];
      const priority = sent === undefined ? {} : { priority: Number(sent) };
      const start = { id, attempt, queue, worker: process, time: Date.now(), handedOutAs: priorityOf?.(id) };
      chronicle.write({ kind: "run-start", ...start, ...priority });
    },
    after({ id, attempt }, { ok }) {
      if (isAlive()) chronicle.write({ kind: "run-end", id, attempt, worker: process, ok });
    },
  };
}
