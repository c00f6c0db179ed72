import { describe, expect, it } from "@jest/globals";
import { check } from "../checker.js";
import { type ProgramName, programs, TERMS } from "./program.js";
import { simulate } from "./simulate.js";

/** The seeds by which defects have to show. */
const SEEDS = [0, 1, 2];

describe("a simulated run without a defect keeps every promise", () => {
  const runs = (Object.keys(programs) as ProgramName[]).flatMap((name) => SEEDS.map((more) => [name, more] as const));

  it.each(runs)("%s, seed + %d", async (name, more) => {
    const program = programs[name];
    const events = await simulate({ ...program, seed: program.seed + more });
    const { violations, counts } = check(events, TERMS);
    expect(violations).toEqual([]);
    expect(counts.confirmed).toBeGreaterThan(100);
  });
});
