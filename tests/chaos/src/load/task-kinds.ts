import { setTimeout as sleep } from "node:timers/promises";
import type { TaskContext, TaskOptions } from "@chicory/core";

/** Input of every task of the load. */
export interface LoadInput {
  /** How long the handler works, in milliseconds. */
  readonly workMs: number;
}

/** One kind of task of the load: what it does, and so what is promised of it. */
export interface TaskKind {
  readonly options: Pick<TaskOptions, "deliveryMode" | "timeoutMs"> & { readonly maxRetries: number };
  /** What it comes to if it is left in peace. */
  readonly expected: "done" | "dead" | "either";
  /** Longest delay with which it is sent, in milliseconds; 0 is none. */
  readonly maxDelayMs: number;
  /** Longest work, in milliseconds; the producer draws how long. */
  readonly maxWorkMs: number;
  handle(input: LoadInput, context: TaskContext): Promise<void> | void;
}

/** How long a task of the kind `blocking` blocks the event loop, in milliseconds: three leases of the load's workers. */
export const BLOCK_MS = 6_000;

/** Pause before a retry of the load's tasks. */
export const RETRY_DELAY_MS = 100;

const work = ({ workMs }: LoadInput) => new Promise<void>((resolve) => setTimeout(resolve, workMs));

const steady: TaskKind = {
  options: { maxRetries: 3 },
  expected: "done",
  maxDelayMs: 0,
  maxWorkMs: 20,
  handle: work,
};
const once: TaskKind = { ...steady, options: { maxRetries: 0, deliveryMode: "at-most-once" } };

/** The kinds by name. */
export const TASK_KINDS = {
  /** At least once, and succeeds. */
  steady,
  /** At most once, and succeeds. */
  once,
  /** At least once, and takes no time, so that the load is settlements and little else. */
  instant: { ...steady, maxWorkMs: 1 },
  /** Waits in the broker for up to three seconds. */
  delayed: { ...steady, maxDelayMs: 3_000 },
  /** Waits for up to twenty seconds, and takes no time. */
  crowded: { ...steady, maxDelayMs: 20_000, maxWorkMs: 1 },
  "delayed-once": { ...once, maxDelayMs: 3_000 },
  /** Works for much longer than a lease lasts, and gives up when it is told to. */
  long: {
    ...steady,
    maxWorkMs: 10_000,
    handle: ({ workMs }, { signal }) => sleep(workMs, undefined, { signal }),
  },
  /** Succeeds, on workers that are new enough to know it. */
  newest: steady,
  /** Blocks the event loop of its process, as a task that computes does, without taking the processor from others. */
  blocking: {
    ...steady,
    handle: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS),
  },
  /** Fails at every attempt. */
  failing: {
    ...steady,
    options: { maxRetries: 2 },
    expected: "dead",
    async handle(input) {
      await work(input);
      throw new Error("This task always fails");
    },
  },
  /** Fails twice and succeeds at the third attempt. */
  flaky: {
    ...steady,
    options: { maxRetries: 4 },
    async handle(input, { attempt }) {
      await work(input);
      if (attempt < 3) throw new Error("This task fails twice");
    },
  },
  /** Kills the process that runs it, each time. */
  poison: {
    ...steady,
    expected: "dead",
    handle: () => void process.kill(process.pid, "SIGKILL"),
  },
  /** Ends the process that runs it, each time. */
  exiting: { ...steady, expected: "dead", handle: () => process.exit(7) },
  /** Never returns, and does not look at its signal. */
  hanging: {
    ...steady,
    options: { maxRetries: 0, timeoutMs: 500 },
    expected: "dead",
    handle: () => new Promise(() => undefined),
  },
  /** Throws what is no error. */
  throwing: {
    ...steady,
    options: { maxRetries: 0 },
    expected: "dead",
    handle({ workMs }) {
      // biome-ignore lint/style/useThrowOnlyError: what is no error is what this task throws.
      throw workMs % 2 === 0 ? undefined : "no error";
    },
  },
  /** Leaves a rejected promise to nobody, and returns. */
  leaking: {
    ...steady,
    expected: "either",
    handle: () => void Promise.reject(new Error("Nobody handles this")),
  },
} satisfies Record<string, TaskKind>;

/** Name of a kind of task. */
export type TaskKindName = keyof typeof TASK_KINDS;
