import { describe, expect, it } from "@jest/globals";
import { check } from "./checker.js";
import type { HistoryEvent } from "./history-event.js";

type Send = Extract<HistoryEvent, { kind: "pub-call" }>;
type Kind = "at-least-once" | "at-most-once" | "always-fails";

const call = (id: string, kind: Kind = "at-least-once", eta?: number): Send => ({
  kind: "pub-call",
  t: 1,
  id,
  task: kind,
  mode: kind === "at-most-once" ? "at-most-once" : "at-least-once",
  queue: "q",
  priority: 0,
  ...(eta === undefined ? undefined : { eta }),
  dedupe: false,
  maxRetries: kind === "always-fails" ? 1 : 0,
  expected: kind === "always-fails" ? "dead" : "done",
});
const send = (id: string, kind?: Kind, eta?: number): HistoryEvent[] => [
  call(id, kind, eta),
  { kind: "pub-ok", t: 2, id },
];
const start = (id: string, attempt = 1, t = 100): HistoryEvent => ({
  kind: "run-start",
  t,
  id,
  attempt,
  queue: "q",
  worker: "w",
  time: t,
});
const run = (id: string, attempt = 1, t = 100): HistoryEvent[] => [
  start(id, attempt, t),
  { kind: "run-end", t: t + 1, id, attempt, worker: "w", ok: true },
];
const letter = (id: string): HistoryEvent => ({ kind: "dead", t: 999, id, queue: "q", reason: "retries-exhausted" });
const promises = (events: HistoryEvent[]) => check(events).violations.map(({ promise }) => promise);

describe("the checker finds nothing in", () => {
  it.each<[string, HistoryEvent[]]>([
    ["a task that ran", [...send("a"), ...run("a")]],
    ["a task at least once that ran twice", [...send("a"), ...run("a"), ...run("a")]],
    ["a task at least once that is a dead letter", [...send("a"), letter("a")]],
    ["a task at most once that was lost", send("a", "at-most-once")],
    [
      "a task whose fate was unknown and that ran",
      [call("a"), { kind: "pub-unknown", t: 2, id: "a", code: "x" }, ...run("a")],
    ],
    [
      "a failing task with two attempts and one letter",
      [...send("a", "always-fails"), ...run("a"), ...run("a", 2), letter("a")],
    ],
    ["a delayed task that started at its time", [...send("a", "at-least-once", 100), ...run("a", 1, 100)]],
    ["events in any order", [...run("a"), ...send("a")]],
  ])("%s", (_, events) => {
    expect(promises(events)).toEqual([]);
  });
});

describe("the checker finds", () => {
  it.each<[string, HistoryEvent[], RegExp]>([
    ["a confirmed task that never ran", send("a"), /at least once/],
    ["a confirmed task that started and never ended", [...send("a"), start("a")], /at least once/],
    [
      "a task at most once that started twice",
      [...send("a", "at-most-once"), ...run("a"), ...run("a")],
      /at most once/,
    ],
    ["a task that nobody sent", run("a"), /never sent/],
    ["a dead letter that nobody sent", [letter("a")], /never sent/],
    ["a refused task that ran", [call("a"), { kind: "pub-fail", t: 2, id: "a", code: "x" }, ...run("a")], /refused/],
    ["a send that never settled", [call("a", "at-most-once")], /settled/],
    ["a failing task without a letter", [...send("a", "always-fails"), ...run("a")], /exactly once/],
    ["a failing task with two letters", [...send("a", "always-fails"), letter("a"), letter("a")], /exactly once/],
    ["two letters of one task", [...send("a"), letter("a"), letter("a")], /two dead letters/],
    [
      "an attempt beyond the retries",
      [...send("a", "always-fails"), ...run("a", 3), letter("a")],
      /beyond the retries/,
    ],
    ["a task before its time", [...send("a", "at-least-once", 100), ...run("a", 1, 98)], /before its time/],
    [
      "messages that are left",
      [{ kind: "waiting", t: 999, queue: "q", ready: 0, delayed: 1, inFlight: 0 }],
      /left waiting/,
    ],
  ])("%s", (_, events, promise) => {
    expect(promises(events).join("; ")).toMatch(promise);
  });

  it("which tasks show it", () => {
    expect(check([...send("a"), ...send("b"), ...run("b")]).violations).toMatchObject([{ ids: ["a"] }]);
  });
});
