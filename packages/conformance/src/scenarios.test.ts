import { describe, expect, it } from "@jest/globals";
import { SCENARIO_GROUPS } from "./scenario.js";
import { scenarios } from "./scenarios.js";

describe("the scenarios", () => {
  it("have names of their own", () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  it("cover every group", () => {
    expect(new Set(scenarios.map(({ group }) => group))).toEqual(new Set(SCENARIO_GROUPS));
  });

  it("are named by sentences without an end", () => {
    for (const { name } of scenarios) expect(name).toMatch(/^(?!it )[a-z0-9].* .*[^.]$/);
  });
});
