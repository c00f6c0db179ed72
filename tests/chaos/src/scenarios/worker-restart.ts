import { QUEUES } from "../load/load.js";
import type { Scenario } from "../scenario.js";

export const workerRestart: Scenario = {
  name: "worker-restart",
  sentence:
    "Workers are replaced one by one with SIGTERM under load: each ends with 0, nothing is lost and nothing runs twice.",
  stages: ["redis", "rabbitmq", "rabbitmq-cluster"],
  tier: { redis: "quick", rabbitmq: "default", "rabbitmq-cluster": "all" },
  faults: 5,
  everyMs: 200,
  storm: true,
  sparesOthers: true,
  sparesWorkers: true,
  soak: true,
  async strike({ workers, random, broken }) {
    const { code } = await workers.replaceOne(random.next());
    if (code !== 0) broken(`a worker that is asked to stop ends with 0, not ${code}`);
  },
  async verify({ app, broken }) {
    for (const queue of QUEUES) {
      const { letters } = await app.broker.deadLetters(queue).list({ limit: 1_000 });
      if (letters.some(({ record }) => record.reason === "maybe-executed")) {
        broken("a graceful stop leaves no doubt whether a task at most once has run");
      }
    }
  },
};
