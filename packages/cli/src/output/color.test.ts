import { describe, expect, it } from "@jest/globals";
import { painter, usesColor } from "./color.js";

describe("usesColor", () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
    [{ TERM: "dumb" }, true, false],
  ])("answers for %j on a terminal (%s): %s", (env, isTerminal, expected) => {
    expect(usesColor({ env, isTerminal })).toBe(expected);
  });
});

describe("painter", () => {
  it("adds codes only where colors are on", () => {
    expect(painter(true)("red", "a")).toBe("\u001b[31ma\u001b[0m");
    expect(painter(false)("red", "a")).toBe("a");
  });
});
