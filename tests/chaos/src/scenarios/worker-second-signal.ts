import type { Scenario } from "../scenario.js";

export const workerSecondSignal: Scenario = {
  name: "worker-second-signal",
  sentence: "Workers that are stopping get a second SIGTERM: they end at once, and give back what runs at least once.",
  stages: ["redis", "rabbitmq"],
  // What a worker does by itself hardly depends on its broker.
  tier: { redis: "default", rabbitmq: "all" },
  mix: { long: 1, steady: 20, once: 4 },
  perSecond: 100,
  concurrency: 64,
  faults: 5,
  everyMs: 1_500,
  sparesOthers: true,
  async strike({ workers, random, broken }) {
    const { tookMs } = await workers.replaceOne(random.next(), true);
    // The first signal alone would wait for tasks that run for up to ten seconds.
    if (tookMs > 7_000) broken(`a second signal ends a worker at once, and not after ${Math.round(tookMs)} ms`);
  },
};
