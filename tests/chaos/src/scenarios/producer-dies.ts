import type { Scenario } from "../scenario.js";

const MOMENTS = ["before", "during", "after"] as const;
/** Deaths come at the first publish, or when the producer is busy. */
const MAX_PUBLISHES = 8;

export const producerDies: Scenario = {
  name: "producer-dies",
  sentence:
    "A producer dies right before, during and after it publishes: what was confirmed runs, and what was not runs as promised or not at all.",
  stages: ["redis", "rabbitmq"],
  tier: "all",
  perSecond: 400,
  faults: 2 * MOMENTS.length,
  everyMs: 200,
  storm: true,
  sparesOthers: true,
  sparesWorkers: true,
  async strike({ mortalProducers, random, round, broken }) {
    const dies = MOMENTS[round % MOMENTS.length] ?? "during";
    const died = await mortalProducers.playOne({ dies, nth: 1 + random.below(MAX_PUBLISHES), seed: random.below(1e9) });
    if (!died) broken("a producer comes to the publish at which it is to die");
  },
};
