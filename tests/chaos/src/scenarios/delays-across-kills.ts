import type { Scenario } from "../scenario.js";
import { serverOf } from "../stages/stage-of.js";

export const delaysAcrossKills: Scenario = {
  name: "delays-across-kills",
  sentence:
    "Servers and workers are killed while tasks wait for their time: none starts before it, none at least once is lost.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  needs: { redis: { appendonly: "always" } },
  mix: { delayed: 6, "delayed-once": 3, steady: 3 },
  faults: 4,
  everyMs: 700,
  async strike({ stage, workers, random, round }) {
    workers.killOne(random.next());
    if (round % 2 === 0) return;
    const server = serverOf(stage);
    await server.kill();
    await server.restart();
    await workers.ready();
  },
  workersMayEnd: true,
  allows: [
    {
      rule: "at-most-once",
      stages: ["rabbitmq"],
      upTo: 200,
      because: "a RabbitMQ that crashes may forget that it has passed a delayed message on, and pass it on again",
    },
  ],
};
