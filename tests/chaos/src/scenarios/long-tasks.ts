import type { Scenario } from "../scenario.js";
import { serverOf } from "../stages/stage-of.js";

export const longTasks: Scenario = {
  name: "long-tasks",
  sentence: "Tasks run for several leases while the server pauses: they run once, since their workers live.",
  stages: ["redis", "rabbitmq"],
  tier: { redis: "default", rabbitmq: "all" },
  mix: { long: 1, steady: 4 },
  perSecond: 20,
  concurrency: 64,
  faults: 2,
  everyMs: 3_000,
  sparesWorkers: true,
  // What runs twice was sent twice: a send whose answer the pause held up is repeated.
  keepsLeases: true,
  async strike({ stage, pause }) {
    const server = serverOf(stage);
    await server.pause();
    // Shorter than a RabbitMQ connection lasts in silence: with it the deliveries would go.
    await pause(stage.silenceMs * (stage.name === "redis" ? 1.5 : 0.5));
    await server.resume();
  },
};
