import { BLOCK_MS } from "../load/task-kinds.js";
import type { Scenario } from "../scenario.js";

export const eventLoopBlock: Scenario = {
  name: "event-loop-block",
  sentence:
    "A task blocks the event loop of its worker for three leases: nothing that the worker holds is taken from it, or runs twice.",
  // On RabbitMQ a worker that is blocked does not answer heartbeats, and loses what it holds.
  stages: ["redis"],
  tier: "default",
  // What is delayed would be late: what a blocked worker has fetched waits with it.
  mix: { steady: 12, once: 4, failing: 1, flaky: 1 },
  faults: 2,
  // A worker that has just begun has a thread that has just begun: on a busy machine that takes its time.
  everyMs: 3_000,
  // It is no fault that explains anything: no lease may be lost, and no task may run twice.
  sparesOthers: true,
  sparesWorkers: true,
  async strike({ producer, pause }) {
    await producer.burst("blocking", 1);
    await pause(BLOCK_MS);
  },
};
