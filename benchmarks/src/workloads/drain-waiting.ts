import type { Contender, Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

/** Whether a queue that has grown is slower. */
export const drainWaiting: Workload = {
  name: "drain-waiting",
  title: "draining a queue in which more or fewer tasks wait, concurrency 100",
  metric: "rate",
  unit: "tasks/s",
  note: "Each queue is filled up before each round with 50,000 more than are to wait, and those are drained, the first 10,000 before the clock runs. All queues are there all the time.",
  contenders: [
    waiting(10_000),
    { ...waiting(100_000), onlyFull: true },
    waiting(1_000_000),
    {
      ...waiting(5_000_000),
      onlyFull: true,
    },
  ],
  comparisons: [
    {
      subject: { contender: nameOf(1_000_000) },
      reference: { contender: nameOf(10_000) },
      target: { atLeast: 0.9 },
    },
    { subject: { contender: nameOf(100_000) }, reference: { contender: nameOf(10_000) } },
    { subject: { contender: nameOf(5_000_000) }, reference: { contender: nameOf(10_000) } },
  ],
  rounds: { quick: 5, full: 15 },
  warmUps: { quick: 1, full: 1 },
};

function waiting(count: number): Contender {
  return {
    name: nameOf(count),
    packages: CHICORY_REDIS,
    load: async () => {
      const { openChicoryRelayOf } = await import("../contenders/chicory-relay.js");
      const { drainingPart } = await import("../measures/draining-part.js");
      return drainingPart(openChicoryRelayOf(`waiting-${count}`), count);
    },
  };
}

function nameOf(count: number): string {
  return `${count.toLocaleString("en")} waiting`;
}
