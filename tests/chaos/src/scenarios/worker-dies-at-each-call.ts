import type { Scenario } from "../scenario.js";
import type { DeathPoint, DyingCall } from "../workers/death-point.js";

const SETTLEMENTS: readonly DyingCall[] = ["claim", "ack", "retry", "deadLetter"];
const MOMENTS: readonly DeathPoint["when"][] = ["before", "during", "after"];

/** Whatever a worker asks of its broker, and each moment of it. */
const POINTS: readonly Omit<DeathPoint, "nth">[] = [
  { call: "receive", when: "after" },
  ...SETTLEMENTS.flatMap((call) => MOMENTS.map((when) => ({ call, when }))),
];
/** Deaths come at the first calls of a worker, or when it has been busy for a moment. */
const MAX_CALLS = 8;

export const workerDiesAtEachCall: Scenario = {
  name: "worker-dies-at-each-call",
  sentence:
    "A worker dies right before, during and after each call to its broker: every task runs or is buried, none at most once runs twice.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  mix: { steady: 6, once: 4, failing: 2, flaky: 3 },
  perSecond: 100,
  faults: POINTS.length,
  everyMs: 100,
  storm: true,
  sparesOthers: true,
  async strike({ workers, random, round, broken }) {
    const point = POINTS[round % POINTS.length];
    if (point === undefined) return;
    const died = await workers.killOneAt(random.next(), { ...point, nth: 1 + random.below(MAX_CALLS) });
    if (!died) broken(`a worker under load comes to its call ${point.call}`);
  },
};
