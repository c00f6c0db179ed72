import { describe, expect, it } from "@jest/globals";
import { check, type Remains } from "./checker.js";
import type { LedgerEvent, TaskKind } from "./ledger.js";

const send = (id: string, task: TaskKind = "at-least-once", eta?: number): LedgerEvent[] => [
  { kind: "send", id, task, ...(eta === undefined ? undefined : { eta }) },
  { kind: "confirmed", id },
];
const run = (id: string, attempt = 1, at = 100): LedgerEvent[] => [
  { kind: "start", id, attempt, at },
  { kind: "end", id, attempt },
];
const rest: Remains = { deadIds: [], waiting: 0 };
const promises = (events: LedgerEvent[], remains: Partial<Remains> = {}) =>
  check(events, { ...rest, ...remains }).violations.map(({ promise }) => promise);

describe("the checker finds nothing in", () => {
  it.each<[string, LedgerEvent[], Partial<Remains>]>([
    ["a task that ran", [...send("a"), ...run("a")], {}],
    ["a task at least once that ran twice", [...send("a"), ...run("a"), ...run("a")], {}],
    ["a task at least once that is a dead letter", send("a"), { deadIds: ["a"] }],
    ["a task at most once that was lost", send("a", "at-most-once"), {}],
    [
      "a task whose fate was unknown and that ran",
      [{ kind: "send", id: "a", task: "at-least-once" }, { kind: "unknown", id: "a" }, ...run("a")],
      {},
    ],
    [
      "a failing task with two attempts and one letter",
      [...send("a", "always-fails"), ...run("a"), ...run("a", 2)],
      { deadIds: ["a"] },
    ],
    ["a delayed task that started at its time", [...send("a", "at-least-once", 100), ...run("a", 1, 100)], {}],
    ["events in any order", [...run("a"), ...send("a")], {}],
  ])("%s", (_, events, remains) => {
    expect(promises(events, remains)).toEqual([]);
  });
});

describe("the checker finds", () => {
  it.each<[string, LedgerEvent[], Partial<Remains>, RegExp]>([
    ["a confirmed task that never ran", send("a"), {}, /at least once/],
    [
      "a confirmed task that started and never ended",
      [...send("a"), { kind: "start", id: "a", attempt: 1, at: 1 }],
      {},
      /at least once/,
    ],
    [
      "a task at most once that started twice",
      [...send("a", "at-most-once"), ...run("a"), ...run("a")],
      {},
      /at most once/,
    ],
    ["a task that nobody sent", run("a"), {}, /never sent/],
    ["a dead letter that nobody sent", [], { deadIds: ["a"] }, /never sent/],
    [
      "a refused task that ran",
      [{ kind: "send", id: "a", task: "at-least-once" }, { kind: "refused", id: "a" }, ...run("a")],
      {},
      /refused/,
    ],
    ["a send that never settled", [{ kind: "send", id: "a", task: "at-most-once" }], {}, /settled/],
    ["a failing task without a letter", [...send("a", "always-fails"), ...run("a")], {}, /exactly once/],
    ["a failing task with two letters", send("a", "always-fails"), { deadIds: ["a", "a"] }, /exactly once/],
    ["two letters of one task", send("a"), { deadIds: ["a", "a"] }, /two dead letters/],
    [
      "an attempt beyond the retries",
      [...send("a", "always-fails"), ...run("a", 3)],
      { deadIds: ["a"] },
      /beyond the retries/,
    ],
    ["a task before its time", [...send("a", "at-least-once", 100), ...run("a", 1, 99)], {}, /before its time/],
    ["messages that are left", [], { waiting: 1 }, /left waiting/],
  ])("%s", (_, events, remains, promise) => {
    expect(promises(events, remains).join("; ")).toMatch(promise);
  });

  it("which tasks show it", () => {
    expect(check([...send("a"), ...send("b"), ...run("b")], rest).violations).toMatchObject([{ ids: ["a"] }]);
  });
});
