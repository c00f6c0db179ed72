import type { OpenRelay } from "../contenders/relay.js";
import type { RoundCount, Workload } from "../workload.js";
import { BULLMQ, bullmqRelay, chicoryRelay } from "./relays.js";

const TASKS: RoundCount = { quick: 10_000, full: 40_000 };

const ONE_LEVEL = "Chicory, one level";
const TEN_LEVELS = "Chicory, ten levels";

const measure = (hasLevels: boolean) => async (open: OpenRelay) =>
  (await import("../measures/priorities.js")).priorities(open, TASKS, hasLevels);

/** Ten levels mixed. */
export const prioritized: Workload = {
  name: "priorities",
  title: "draining tasks of ten priorities in turn, concurrency 100",
  metric: "rate",
  unit: "tasks/s",
  columns: [{ metric: "highest", head: "% of the highest among the first tenth" }],
  contenders: [
    chicoryRelay(measure(true), TEN_LEVELS),
    chicoryRelay(measure(false), ONE_LEVEL),
    bullmqRelay(measure(true)),
  ],
  comparisons: [
    { subject: { contender: TEN_LEVELS }, reference: { contender: ONE_LEVEL } },
    { subject: { contender: TEN_LEVELS }, reference: { contender: BULLMQ } },
  ],
  rounds: { quick: 3, full: 2 },
  warmUps: { quick: 1, full: 1 },
  onlyFull: true,
};
