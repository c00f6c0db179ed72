import { runScenario, scenarios } from "@chicory/conformance";
import { describe, it } from "@jest/globals";
import { startMemoryHarness } from "./memory-harness.js";

/** Each seed is another order of the same calls; a failing one fails again under its number. */
const SEEDS = Array.from({ length: 12 }, (_, index) => 100 + index);

/** Groups in which the order of calls matters most. */
const GROUPS = ["concurrency", "reconnecting", "leases", "settling"];

describe("whatever the order of calls", () => {
  for (const seed of SEEDS) {
    it(`the contract holds with seed ${seed}`, async () => {
      const harness = await startMemoryHarness(seed);
      for (const scenario of scenarios.filter(({ group }) => GROUPS.includes(group))) {
        try {
          await runScenario(scenario, harness);
        } catch (cause) {
          throw new Error(`seed ${seed}: ${scenario.name}`, { cause });
        }
      }
    });
  }
});
