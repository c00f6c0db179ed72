import { describe, expect, it } from "@jest/globals";
import { check } from "../checker.js";
import { programs, TERMS } from "../simulation/program.js";
import { simulate } from "../simulation/simulate.js";
import { defects } from "./defects.js";

describe("the checker notices a system that", () => {
  it.each(defects.map((defect) => [`${defect.sentence} (by: ${defect.caughtBy})`, defect] as const))(
    "%s",
    async (_, defect) => {
      const { violations } = check(await simulate(programs[defect.program], defect), TERMS);
      expect(violations.map(({ rule }) => rule)).toContain(defect.caughtBy);
    },
  );
});

describe("the seeded defects", () => {
  it("are at least twenty-five, each with a name of its own", () => {
    expect(new Set(defects.map(({ name }) => name)).size).toBe(defects.length);
    expect(defects.length).toBeGreaterThanOrEqual(25);
  });
});
