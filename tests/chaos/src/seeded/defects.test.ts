import { describe, expect, it } from "@jest/globals";
import { check } from "../checker.js";
import { programs, TERMS } from "../simulation/program.js";
import { simulate } from "../simulation/simulate.js";
import { defects } from "./defects.js";

/** A run takes a second; a busy machine may need many times as much. */
const DEADLINE_MS = 300_000;

/** Seeds of which one has to show a defect: chance decides what becomes of a call that is cut off, and one run in ten misses. */
const SEEDS = 8;

describe("the checker notices a system that", () => {
  it.each(defects.map((defect) => [`${defect.sentence} (by: ${defect.caughtBy})`, defect] as const))(
    "%s",
    async (_, defect) => {
      const found = new Set<string | undefined>();
      for (let more = 0; more < SEEDS && !found.has(defect.caughtBy); more++) {
        const program = programs[defect.program];
        const { violations } = check(await simulate({ ...program, seed: program.seed + more }, defect), TERMS);
        for (const { rule } of violations) found.add(rule);
      }
      expect([...found]).toContain(defect.caughtBy);
    },
    DEADLINE_MS,
  );
});

describe("the seeded defects", () => {
  it("are at least twenty-five, each with a name of its own", () => {
    expect(new Set(defects.map(({ name }) => name)).size).toBe(defects.length);
    expect(defects.length).toBeGreaterThanOrEqual(25);
  });
});
