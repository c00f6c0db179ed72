import type { Contender, Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

/** Whether a queue that has grown is slower. */
export const drainWaiting: Workload = {
  name: "drain-waiting",
  title: "draining 10,000 tasks of a queue in which more or fewer wait",
  metric: "rate",
  unit: "tasks/s",
  note: "Every queue is there all the time, and is filled up before each round.",
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
  rounds: { quick: 7, full: 21 },
  warmUps: { quick: 2, full: 3 },
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
