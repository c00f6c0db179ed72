import { canStepClocks, createSteppedClock } from "@chicory/test-servers";
import type { Scenario } from "../scenario.js";

const HOUR_MS = 3_600_000;

export const workerClock: Scenario = {
  name: "worker-clock",
  sentence: "The workers' clocks jump by an hour, forth and back: delays go by the broker's clock, and leases by none.",
  stages: ["redis", "rabbitmq"],
  tier: "default",
  // None that is tried again: the pause before a retry is reckoned by the clock of the worker that asks for it.
  mix: { steady: 8, once: 3, delayed: 5 },
  faults: 4,
  everyMs: 2_000,
  sparesWorkers: true,
  async prepare() {
    if (!(await canStepClocks())) return "stepping a worker's clock needs Linux and a C compiler";
    const clock = await createSteppedClock();
    return {
      workerEnv: clock.env,
      strike: ({ round }) => clock.step(([1, -1, 1, 0][round % 4] ?? 0) * HOUR_MS),
      dispose: () => clock.remove(),
    };
  },
};
