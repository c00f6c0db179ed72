import { describe, expect, it } from "@jest/globals";
import { figure, quartiles, ratio, target } from "./format.js";

describe("format", () => {
  it("gives decimals to small figures only", () => {
    expect(figure(123_456.7)).toBe("123,457");
    expect(figure(4.25)).toBe("4.3");
  });

  it("gives a ratio two decimals", () => {
    expect(ratio(2)).toBe("2.00");
  });

  it("gives quartiles where there was more than one round", () => {
    expect(quartiles({ median: 2, low: 1, high: 3, count: 5 }, ratio)).toBe("1.00 to 3.00");
    expect(quartiles({ median: 2, low: 2, high: 2, count: 1 }, ratio)).toBe("one round");
  });

  it("gives a target as a condition", () => {
    expect(target({ atLeast: 0.6 })).toBe(">= 0.6");
    expect(target({ atMost: 1.2 })).toBe("<= 1.2");
  });
});
