import { describe, expect, it } from "@jest/globals";
import { SeenIds } from "./seen-ids.js";

describe("seen ids", () => {
  it("are known until their time is over", () => {
    const seen = new SeenIds();
    seen.add("a", 100, 0);
    expect(seen.has("a", 99)).toBe(true);
    expect(seen.has("a", 100)).toBe(false);
    expect(seen.has("b", 0)).toBe(false);
  });

  it("are known anew when they are added again", () => {
    const seen = new SeenIds();
    seen.add("a", 100, 0);
    seen.add("a", 250, 150);
    expect(seen.has("a", 200)).toBe(true);
    seen.add("b", 500, 240);
    expect(seen.has("a", 240)).toBe(true);
  });

  it("are not kept for ever", () => {
    const seen = new SeenIds();
    for (let now = 0; now < 10_000; now += 1) seen.add(`id ${now}`, now + 10, now);
    expect(seen.size).toBeLessThanOrEqual(11);
  });
});
