import { describe, expect, it } from "@jest/globals";
import { compareEntryIds } from "./entry-id.js";

describe("the ids of entries", () => {
  it.each([
    ["1-0", "1-1"],
    ["1-9", "1-10"],
    ["9-0", "10-0"],
    ["9-1000", "10-0"],
    ["1764411234567-99", "1764411234567-100"],
    ["1764411234567-100", "1764411234568-2"],
    ["1764411234567-2", "1764411234568-100"],
    ["999999999999-7", "1000000000000-7"],
  ])("say that %s is older than %s", (older, newer) => {
    expect(compareEntryIds(older, newer)).toBeLessThan(0);
    expect(compareEntryIds(newer, older)).toBeGreaterThan(0);
    expect(compareEntryIds(older, older)).toBe(0);
  });
});
