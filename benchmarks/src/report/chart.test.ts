import { describe, expect, it } from "@jest/globals";
import { type BarChart, drawBars } from "./chart.js";

const chart: BarChart = {
  title: "draining",
  unit: "tasks/s",
  bars: [
    { name: "one & only", value: 20, low: 18, high: 22, label: "20.0", isOwn: true },
    { name: "other", value: 10, low: 10, high: 10, label: "10.0", isOwn: false },
  ],
};

describe("drawBars", () => {
  it("draws title, unit, and each bar with its name and figure", async () => {
    const svg = await drawBars(chart);
    expect(svg).toMatch(/^<svg .*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    for (const text of ["draining", "tasks/s", "one &amp; only", "other", "20.0", "10.0"]) {
      expect(svg).toContain(`>${text}</text>`);
    }
  });

  it("draws the same chart alike, so that a page is not changed by being written again", async () => {
    expect(await drawBars(chart)).toBe(await drawBars(chart));
  });

  it("draws no figure that is none", async () => {
    expect(await drawBars({ ...chart, mark: 30 })).not.toMatch(/NaN|undefined/);
  });
});
