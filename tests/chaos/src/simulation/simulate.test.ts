import { describe, expect, it } from "@jest/globals";
import { check } from "../checker.js";
import { type ProgramName, programs, TERMS } from "./program.js";
import { simulate } from "./simulate.js";

describe("a simulated run without a defect keeps every promise", () => {
  it.each(Object.keys(programs) as ProgramName[])("%s", async (name) => {
    const events = await simulate(programs[name]);
    const { violations, counts } = check(events, TERMS);
    expect(violations).toEqual([]);
    expect(counts.confirmed).toBeGreaterThan(100);
  });
});
