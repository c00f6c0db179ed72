import type { OpenRelay } from "../contenders/relay.js";
import type { DelayedTasks } from "../measures/lateness.js";
import { tailColumns } from "../measures/percentiles.js";
import type { Workload } from "../workload.js";
import { BULLMQ, bullmqRelay, CHICORY, chicoryRabbitmqRelay, chicoryRelay } from "./relays.js";

const AT_ONCE: DelayedTasks = { tasks: { quick: 10_000, full: 100_000 }, spreadMs: { quick: 0, full: 0 } };
const SPREAD: DelayedTasks = { tasks: { quick: 10_000, full: 100_000 }, spreadMs: { quick: 3_000, full: 30_000 } };
const FEWER: DelayedTasks = { tasks: { quick: 2_000, full: 10_000 }, spreadMs: { quick: 3_000, full: 10_000 } };

const latenessOf = (tasks: DelayedTasks) => async (open: OpenRelay) =>
  (await import("../measures/lateness.js")).lateness(open, tasks);

/** Delayed tasks that become due one after another. */
export const delayedSpread: Workload = {
  name: "delayed-spread",
  title: "lateness of 100,000 delayed tasks that become due within 30 s",
  metric: "p50",
  unit: "ms, p50",
  columns: tailColumns("ms"),
  note: "A quick run has 10,000 tasks within 3 s. Times are read to a millisecond.",
  contenders: [chicoryRelay(latenessOf(SPREAD)), bullmqRelay(latenessOf(SPREAD))],
  comparisons: [
    {
      subject: { contender: CHICORY, metric: "p99" },
      reference: { contender: BULLMQ, metric: "p99" },
      target: { atMost: 0.5 },
    },
  ],
  rounds: { quick: 1, full: 1 },
  // It takes longer than a process needs to be warm.
  warmUps: { quick: 0, full: 0 },
};

/** Delayed tasks that become due together. */
export const delayedAtOnce: Workload = {
  ...delayedSpread,
  name: "delayed-at-once",
  title: "execution of 100,000 delayed tasks that become due at once",
  metric: "rate",
  unit: "tasks/s",
  columns: [{ metric: "p50", head: "late, p50 ms" }, ...tailColumns("ms")],
  note: "The clock runs from the due time to the last execution.",
  contenders: [chicoryRelay(latenessOf(AT_ONCE)), bullmqRelay(latenessOf(AT_ONCE))],
  comparisons: [{ subject: { contender: CHICORY }, reference: { contender: BULLMQ } }],
  onlyFull: true,
};

/** RabbitMQ has no delays of its own, and no client below Chicory does it. */
export const rabbitmqDelayed: Workload = {
  ...delayedSpread,
  name: "rabbitmq-delayed",
  title: "lateness of 10,000 delayed tasks on RabbitMQ that become due within 10 s",
  contenders: [chicoryRabbitmqRelay(latenessOf(FEWER))],
  comparisons: [],
  rounds: { quick: 1, full: 1 },
  onlyFull: true,
};
