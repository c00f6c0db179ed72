import type { Scenario } from "../scenario.js";

export const poison: Scenario = {
  name: "poison",
  sentence:
    "Tasks that kill their process come among good ones: each is buried after five hand-outs, and the others run.",
  stages: ["redis", "rabbitmq"],
  // What a worker does by itself hardly depends on its broker.
  tier: { redis: "default", rabbitmq: "all" },
  mix: { steady: 12, once: 2 },
  faults: 3,
  everyMs: 1_000,
  workersMayEnd: true,
  allows: [
    {
      rule: "as-expected",
      upTo: 3 * 16,
      because: "what was in the hands of five workers together with a task that killed each of them is buried with it",
    },
  ],
  async strike({ stage, producer, workers, pause }) {
    await producer.burst("poison", 1);
    // Five hand-outs, each taken over when the worker before has been silent for long enough.
    await pause(stage.silenceMs * 6);
    await workers.ready();
  },
};
