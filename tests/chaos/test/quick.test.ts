import { describe, expect, it } from "@jest/globals";
import { plan } from "../src/plan.js";
import { describeViolations } from "../src/report.js";
import { runScenario } from "../src/run-scenario.js";
import { FACTORS } from "../src/scenario.js";

/** Fixed, so that a change is not judged by another throw of dice than the one before. */
const SEED = 4_711;
/** A run takes ten to twenty seconds; a busy machine may need several times as much to start its servers. */
const DEADLINE_MS = 300_000;

describe("under load and faults, no promise is broken", () => {
  const runs = plan({ tier: "quick", only: [], stages: [] });

  it.each(runs.map((run) => [`${run.scenario.name} on ${run.stage}: ${run.scenario.sentence}`, run] as const))(
    "%s",
    async (_, { scenario, stage }) => {
      const result = await runScenario(scenario, { stage, seed: SEED, factor: FACTORS.quick });
      if ("skipped" in result) throw new Error(`${scenario.name} was not played: ${result.skipped}`);
      if (result.violations.length > 0) throw new Error(describeViolations(result));
      expect(result.counts.done).toBeGreaterThan(0);
    },
    DEADLINE_MS,
  );
});
