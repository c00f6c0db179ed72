import type { Defect } from "./defect.js";

/** Mistakes of processes: settings that no promise allows, and ends without goodbye. */
export const processDefects: readonly Defect[] = [
  {
    name: "runs-too-many",
    sentence: "runs whatever it has fetched, whatever its concurrency",
    caughtBy: "concurrency-kept",
    program: "peace",
    worker: { concurrency: 24 },
  },
  {
    name: "runs-one-at-a-time",
    sentence: "runs one task at a time, whatever its concurrency",
    caughtBy: "on-time",
    program: "peace",
    worker: { concurrency: 1 },
  },
  {
    name: "gives-up-too-early",
    sentence: "takes the last attempt but one for the last",
    caughtBy: "letters-tell-why",
    program: "peace",
    extraRetries: -1,
  },
  {
    name: "retries-once-too-often",
    sentence: "counts one retry too many",
    caughtBy: "attempts-bounded",
    program: "peace",
    extraRetries: 1,
  },
  {
    name: "buries-unknown-tasks",
    sentence: "buries a task at once that its workers do not know yet",
    caughtBy: "as-expected",
    program: "deployment",
    worker: { unknownTaskRetries: 0 },
  },
  {
    name: "stops-at-once",
    sentence: "cancels what runs when it is asked to stop",
    caughtBy: "no-duplicates-without-cause",
    program: "deployment",
    stopsAtOnce: true,
  },
  {
    name: "ends-with-its-connection",
    sentence: "ends its worker when the server is gone for a moment",
    caughtBy: "workers-stay",
    program: "cuts",
    worker: { recoveryTimeoutMs: 1, stallTimeoutMs: 100 },
  },
];
