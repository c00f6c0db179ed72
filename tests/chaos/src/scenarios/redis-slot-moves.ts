import { QUEUES } from "../load/load.js";
import type { Scenario } from "../scenario.js";
import { redisClusterOf } from "../stages/stage-of.js";

/** How long keys of a queue may lie on either of two masters, in milliseconds. */
const BETWEEN_MS = 300;

export const redisSlotMoves: Scenario = {
  name: "redis-slot-moves",
  sentence: "The slot of a queue is moved to another master under load: nothing is lost, and nothing runs twice.",
  stages: ["redis-cluster"],
  tier: "default",
  faults: 4,
  everyMs: 1_000,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, random, pause }) {
    const { cluster } = redisClusterOf(stage);
    const slot = await cluster.slotOf(QUEUES[random.below(QUEUES.length)] ?? "");
    const from = await cluster.masterOf(slot);
    // Slots of every third are served by a master of their own.
    const masters = new Set(await Promise.all([0, 8_000, 16_383].map((other) => cluster.masterOf(other))));
    masters.delete(from);
    const [to] = masters;
    if (to === undefined) throw new Error("The cluster has one master only");
    await cluster.beginMigration(slot, to);
    await pause(BETWEEN_MS);
    await cluster.finishMigration(slot, to);
  },
};
