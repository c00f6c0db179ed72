import { describe, expect, it } from "@jest/globals";
import type { HistoryEvent } from "../history-event.js";
import { Forge } from "./forge.js";
import { longestStall } from "./longest-stall.js";

/** Tasks that are confirmed at once, and whose executions end at these times. */
function endsAt(...times: readonly number[]): HistoryEvent[] {
  const [template] = new Forge()
    .sent("a")
    .ran("a")
    .events.filter(({ kind }) => kind === "run-end");
  if (template === undefined) throw new Error("A forged execution has no end");
  const { events } = new Forge().sent("first");
  return [...events.map((event) => ({ ...event, t: 0 })), ...times.map((t) => ({ ...template, t }))];
}

/** The last send is called at this time. */
function lastCall(t: number): HistoryEvent[] {
  const [call] = new Forge().sent("last").events;
  return call === undefined ? [] : [{ ...call, t }];
}

describe("the longest stall", () => {
  it("is the longest time between two ends of executions", () => {
    expect(longestStall([...endsAt(100, 150, 900, 950), ...lastCall(1_000)])).toBe(750);
  });

  it("begins with the first confirmed send and ends with the last call, where nothing ends before or after", () => {
    expect(longestStall([...endsAt(600, 700), ...lastCall(1_000)])).toBe(600);
    expect(longestStall([...endsAt(100, 200), ...lastCall(1_000)])).toBe(800);
  });

  it("does not count the time in which a run drains", () => {
    expect(longestStall([...endsAt(100), ...lastCall(150), ...endsAt(9_000).slice(-1)])).toBe(100);
  });

  it("is nothing where nothing was sent", () => {
    expect(longestStall([])).toBe(0);
  });
});
