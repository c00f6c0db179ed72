import { Chicory } from "@chicory/core";
import { QUEUES } from "../load/load.js";
import { everyLetter } from "../rest.js";
import type { Scenario } from "../scenario.js";
import { driverOf } from "../stages/broker-spec.js";

export const replayByFour: Scenario = {
  name: "replay-by-four",
  sentence:
    "Four operators replay the same dead letters at once while workers are killed: each letter is replayed by one of them.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  mix: { steady: 8, failing: 4 },
  faults: 4,
  everyMs: 1_200,
  storm: true,
  async strike({ stage, workers, random, ledger, broken }) {
    workers.killOne(random.next());
    const apps = [1, 2, 3, 4].map(() => new Chicory({ broker: driverOf(stage.producerBroker) }));
    try {
      const queue = QUEUES[0];
      const letters = apps[0] === undefined ? [] : await everyLetter(apps[0], queue);
      // Who of them it was is not told, only how many each replayed.
      for (const { record, id } of letters) {
        ledger.write({ kind: "replayed", id: record.taskId ?? id, operator: "one of four" });
      }
      const ids = letters.map(({ id }) => id);
      const replayed = await Promise.all(apps.map((app) => app.broker.deadLetters(queue).replay({ ids })));
      const sum = replayed.reduce((total, number) => total + number, 0);
      if (sum > letters.length)
        broken(`each letter is replayed by one operator: ${sum} replays of ${letters.length} letters`);
    } finally {
      await Promise.all(apps.map((app) => app.close()));
    }
  },
};
