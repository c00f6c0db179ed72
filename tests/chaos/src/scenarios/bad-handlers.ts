import type { Scenario } from "../scenario.js";

export const badHandlers: Scenario = {
  name: "bad-handlers",
  sentence:
    "Handlers never return, throw what is no error, leave promises to nobody and end their process: the others do not suffer.",
  stages: ["redis", "rabbitmq"],
  // What a worker does by itself hardly depends on its broker.
  tier: { redis: "default", rabbitmq: "all" },
  mix: { steady: 12, once: 2, throwing: 1 },
  faults: 3,
  everyMs: 800,
  workersMayEnd: true,
  allows: [
    {
      rule: "as-expected",
      upTo: 3 * 16,
      because: "what was in the hands of five workers together with a task that ended each of them is buried with it",
    },
    {
      rule: "nothing-unhandled",
      upTo: Number.MAX_SAFE_INTEGER,
      because: "the task leaves a promise to nobody, and its worker ends and says so",
    },
  ],
  async strike({ stage, producer, workers, round, pause }) {
    switch (round % 3) {
      case 0:
        await producer.burst("hanging", 4);
        await pause(6_000);
        break;
      case 1:
        await producer.burst("exiting", 1);
        await pause(stage.silenceMs * 6);
        break;
      default:
        await producer.burst("leaking", 1);
        await pause(2_000);
    }
    await workers.ready();
  },
};
