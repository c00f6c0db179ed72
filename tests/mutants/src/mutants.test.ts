import { runScenario, type Scenario, scenarios } from "@chicory/conformance";
import { describe, expect, it } from "@jest/globals";
import { startMutantHarness } from "./mutant-harness.js";
import { mutants } from "./mutants.js";

/** Patience with a driver that is known to be broken, in milliseconds: it would only be waited for in vain. */
const PATIENCE_MS = 500;

function scenarioNamed(name: string): Scenario {
  const [scenario, second] = scenarios.filter((candidate) => candidate.name === name);
  if (scenario === undefined || second !== undefined) throw new Error(`"${name}" is not the name of one scenario`);
  return scenario;
}

describe("the conformance suite catches a driver that", () => {
  for (const mutant of mutants) {
    it(`${mutant.name} (by: ${mutant.caughtBy})`, async () => {
      const scenario = scenarioNamed(mutant.caughtBy);
      await expect(runScenario(scenario, startMutantHarness(mutant), { patienceMs: PATIENCE_MS })).rejects.toThrow();
    });
  }
});

describe("the sound driver passes what catches the mutants", () => {
  const catching = new Map(mutants.map(({ caughtBy, seed }) => [`${caughtBy}${seed ?? ""}`, { caughtBy, seed }]));
  for (const { caughtBy, seed } of catching.values()) {
    it(seed === undefined ? caughtBy : `${caughtBy} (seed ${seed})`, async () => {
      await runScenario(scenarioNamed(caughtBy), startMutantHarness(seed === undefined ? {} : { seed }));
    });
  }
});

describe("the mutants", () => {
  it("are at least twenty, each with a name of its own", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(20);
  });

  it("are caught by every group of scenarios", () => {
    const groups = new Set(mutants.map(({ caughtBy }) => scenarioNamed(caughtBy).group));
    expect([...groups].sort()).toEqual([...new Set(scenarios.map(({ group }) => group))].sort());
  });
});
