import type { Scenario } from "../scenario.js";

export const workerPause: Scenario = {
  name: "worker-pause",
  sentence: "A worker is stopped for longer than its lease and continued: what was taken from it is settled once.",
  stages: ["redis", "rabbitmq", "rabbitmq-cluster"],
  tier: { redis: "default", rabbitmq: "default", "rabbitmq-cluster": "all" },
  faults: 2,
  everyMs: 500,
  sparesOthers: true,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, workers, random, pause }) {
    const resume = workers.pauseOne(random.next());
    await pause(stage.silenceMs * 2.5);
    resume();
  },
};
