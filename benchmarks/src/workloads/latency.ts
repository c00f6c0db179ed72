import type { OpenRelay } from "../contenders/relay.js";
import { tailColumns } from "../measures/percentiles.js";
import type { Comparison, RoundCount, Target, Workload } from "../workload.js";
import {
  BEE_QUEUE,
  BULLMQ,
  beeQueueRelay,
  bullmqRelay,
  CHICORY,
  CONSUMER,
  chicoryRabbitmqRelay,
  chicoryRelay,
  consumerRelay,
} from "./relays.js";

const SENDS: RoundCount = { quick: 200, full: 2_000 };

const UNIT = "us, p50";

async function idle(open: OpenRelay) {
  return (await import("../measures/idle-latency.js")).idleLatency(open, SENDS);
}

async function loaded(open: OpenRelay) {
  return (await import("../measures/loaded-latency.js")).loadedLatency(open);
}

/** For what is told of half of the tasks; the slowest in a hundred need more rounds to be told apart. */
const FEW_ROUNDS = { quick: 3, full: 2 };

/** A single task on an empty queue. */
export const latency: Workload = {
  name: "latency",
  title: "time from a send to its handler on an idle queue",
  metric: "p50",
  unit: UNIT,
  columns: tailColumns("us"),
  note: "Sender and worker are one process.",
  contenders: [chicoryRelay(idle), bullmqRelay(idle), beeQueueRelay(idle)],
  comparisons: [...against(BULLMQ, { atMost: 0.8 }), ...against(BEE_QUEUE)],
  rounds: { quick: 3, full: 8 },
  warmUps: { quick: 1, full: 1 },
};

/** The same beside others. */
export const latencyLoaded: Workload = {
  ...latency,
  name: "latency-loaded",
  title: "time from a send to its handler under half of the maximum load",
  columns: [...tailColumns("us"), { metric: "maximum", head: "maximum/s" }],
  note: "Each contender has half of its own maximum, which is found anew in each round. Times begin when a send was due.",
  contenders: [chicoryRelay(loaded), bullmqRelay(loaded), beeQueueRelay(loaded)],
  comparisons: [...against(BULLMQ), ...against(BEE_QUEUE)],
  rounds: FEW_ROUNDS,
  onlyFull: true,
};

export const rabbitmqLatency: Workload = {
  ...latency,
  name: "rabbitmq-latency",
  title: "time from a send to its handler on an idle quorum queue",
  contenders: [chicoryRabbitmqRelay(idle), consumerRelay(idle)],
  comparisons: against(CONSUMER),
  rounds: FEW_ROUNDS,
  onlyFull: true,
};

export const rabbitmqLatencyLoaded: Workload = {
  ...latencyLoaded,
  name: "rabbitmq-latency-loaded",
  title: "time from a send to its handler of a quorum queue under half of the maximum load",
  contenders: [chicoryRabbitmqRelay(loaded), consumerRelay(loaded)],
  comparisons: against(CONSUMER),
};

/** Median and tail. */
function against(contender: string, target?: Target): readonly Comparison[] {
  const goal = target === undefined ? {} : { target };
  return [
    { subject: { contender: CHICORY }, reference: { contender }, ...goal },
    { subject: { contender: CHICORY, metric: "p99" }, reference: { contender, metric: "p99" }, ...goal },
  ];
}
