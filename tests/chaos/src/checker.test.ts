import { describe, expect, it } from "@jest/globals";
import { Forge } from "./checker/forge.js";
import { forgedAttempts } from "./checker/forged/attempts.js";
import { forgedFates } from "./checker/forged/fates.js";
import type { ForgedCase } from "./checker/forged/forged-case.js";
import { forgedProcesses } from "./checker/forged/processes.js";
import { forgedTimes } from "./checker/forged/times.js";
import type { RuleName } from "./checker/rule-name.js";
import { rules } from "./checker/rules.js";
import type { Terms } from "./checker/terms.js";
import { check } from "./checker.js";
import type { HistoryEvent } from "./history-event.js";

const AMO = { mode: "at-most-once" } as const;
const FAILS = { maxRetries: 1, expected: "dead" } as const;

/** A run in which everything went well, around whatever is forged. */
function around(forged: Forge): HistoryEvent[] {
  const before = new Forge()
    .sent("before", { maxRetries: 1 })
    .failed("before", "retried")
    .ran("before", { attempt: 2 })
    .sent("amo-before", AMO)
    .ran("amo-before", { worker: "w2" })
    .sent("buried", FAILS)
    .failed("buried", "retried")
    .failed("buried", "dead-lettered", { attempt: 2 });
  const after = new Forge()
    .dead("buried")
    .note({ kind: "worker-exit", worker: "w2", code: 0, signal: null, asked: true })
    .note({ kind: "waiting", queue: "q", ready: 0, delayed: 0, inFlight: 0 });
  const last = forged.events.at(-1)?.t ?? 0;
  return [
    ...before.events.map((event) => ({ ...event, t: event.t - 1_000 })),
    ...forged.events,
    ...after.events.map((event) => ({ ...event, t: event.t + last })),
  ];
}

function brokenRules(forged: Forge, terms: Terms = {}): readonly (RuleName | undefined)[] {
  return check(around(forged), terms).violations.map(({ rule }) => rule);
}

const cases: readonly ForgedCase[] = [...forgedFates, ...forgedAttempts, ...forgedProcesses, ...forgedTimes];

describe("the checker finds what breaks only", () => {
  it.each(cases.map((one, index) => [`${one.rule} (${index + 1})`, one] as const))(
    "%s",
    (_, { rule, broken, terms }) => {
      expect(brokenRules(broken, terms)).toEqual([rule]);
    },
  );
});

describe("the checker finds nothing in a near miss of", () => {
  it.each(cases.map((one, index) => [`${one.rule} (${index + 1})`, one] as const))("%s", (_, { nearMiss, terms }) => {
    expect(brokenRules(nearMiss, terms)).toEqual([]);
  });
});

describe("the checker", () => {
  it("has a forged history for every rule", () => {
    expect(new Set(cases.map(({ rule }) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });

  it("reads events in any order", () => {
    const events = around(new Forge().sent("a").ran("a"));
    expect(check([...events].reverse()).violations).toEqual([]);
  });

  it("says which tasks show it, and what happened to them", () => {
    const lost = new Forge().sent("a", { priority: 3 }).start("a").fault("worker-kill", "begin", "w1").killed();
    const [violation] = check(around(lost)).violations;
    expect(violation?.ids).toEqual(["a"]);
    expect(violation?.details?.map((line) => line.replace(/^ *\+[\d.]+ s {2}/, ""))).toEqual([
      "a was confirmed, and was neither executed nor buried",
      "Task a:",
      "work is sent to q: at-least-once, priority 3, 0 retries",
      "the broker confirms it",
      "attempt 1 starts on w1 from queue q",
    ]);
  });

  it("counts", () => {
    const forged = new Forge().sent("a").ran("a").call("b").note({ kind: "pub-fail", id: "b", code: "X" });
    expect(check(around(forged)).counts).toMatchObject({ sent: 5, confirmed: 4, refused: 1, done: 3, dead: 1 });
  });

  it("tells how late delayed tasks start, and nothing where none was delayed", () => {
    const forged = new Forge().sent("a", { eta: 1_100 }).wait(198).ran("a").sent("b").ran("b");
    expect(check(forged.events).counts.lateness).toEqual({ medianMs: 100, p99Ms: 100 });
    expect(check(new Forge().sent("b").ran("b").events).counts.lateness).toBeUndefined();
  });

  it("accepts what a scenario allows up to a number, and says so", () => {
    const terms = { allowances: [{ rule: "at-least-once", upTo: 1, because: "it was not on disk" }] } as const;
    const one = check(around(new Forge().sent("a")), terms);
    expect(one.violations).toEqual([]);
    expect(one.allowed).toMatchObject([{ rule: "at-least-once", ids: ["a"], allowedBecause: "it was not on disk" }]);
    expect(check(around(new Forge().sent("a").sent("b")), terms).violations).toMatchObject([{ ids: ["a", "b"] }]);
  });

  it("checks a million events within 5 seconds of a processor", () => {
    const forge = new Forge();
    for (let n = 0; n < 200_000; n++) forge.sent(`t${n}`).ran(`t${n}`);
    expect(forge.events.length).toBe(1_000_000);
    const began = process.cpuUsage();
    expect(check(forge.events, { concurrency: 8, leaseMs: 1_000, publishTimeoutMs: 1_000 }).violations).toEqual([]);
    const { user } = process.cpuUsage(began);
    expect(user / 1e6).toBeLessThan(5);
  });
});
