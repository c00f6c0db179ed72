import { describe, expect, it } from "@jest/globals";
import { Forge } from "./checker/forge.js";
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

interface Case {
  readonly rule: RuleName;
  /** Breaks this rule and no other. */
  readonly broken: Forge;
  /** Differs by little, and breaks none. */
  readonly nearMiss: Forge;
  readonly terms?: Terms;
}

const running = (count: number) => {
  const forge = new Forge();
  for (let n = 0; n < count; n++) forge.sent(`a${n}`).start(`a${n}`);
  for (let n = 0; n < count; n++) forge.end(`a${n}`).settled(`a${n}`);
  return forge;
};

/** Before the rest, a worker runs a task of which the broker has two at the same time. */
function runTwiceAtOnce(rest: Forge): Forge {
  const forge = new Forge().call("twice").note({ kind: "pub-unknown", id: "twice", code: "PUBLISH" });
  forge.start("twice").start("twice").end("twice").settled("twice").end("twice").settled("twice");
  const { t } = forge.events.at(-1) ?? { t: 0 };
  forge.events.push(...rest.events.map((event) => ({ ...event, t: event.t + t })));
  return forge;
}

function startsBeforeItIsTold(): Forge {
  const forge = new Forge().sent("a", { maxRetries: 1 }).start("a").end("a", { ok: false });
  return forge.start("a", { attempt: 2 }).settled("a", "retried").end("a", { attempt: 2 });
}

/** A task kills worker after worker; one of them had given it back unstarted before, if that is asked for. */
const crashing = (times: number, givenBackAt?: number) => {
  const forge = new Forge().sent("a", { expected: "either" });
  for (let n = 0; n < times; n++) {
    if (n === givenBackAt) forge.settled("a", "requeued", "w3", 1);
    forge.start("a", { worker: `c${n}` }).killed(`c${n}`);
  }
  return forge.dead("a", "delivery-limit");
};

/** An attempt that a fault cuts off from the broker until its lease is over, as often as this. */
const cutOff = (times: number) => {
  const forge = new Forge().sent("a");
  for (let n = 0; n < times; n++) {
    const worker = `i${n}`;
    forge.start("a", { worker }).fault("isolate", "begin", worker).end("a", { worker }).fault("isolate", "end", worker);
    forge.lost("a", worker);
  }
  return forge;
};

/** A worker that a fault struck in attempt 1 is told only after attempt 2, which it runs as well, that it lost these. */
const toldLate = (...attempts: readonly number[]) => {
  const forge = new Forge().sent("a", { maxRetries: 1 });
  forge.start("a").fault("isolate", "begin", "w1").end("a", { ok: false }).fault("isolate", "end", "w1");
  forge.failed("a", "retried", { worker: "w3" }).wait(10_000);
  forge.start("a", { attempt: 2 }).end("a", { attempt: 2 }).settled("a", "succeeded", "w1", 2);
  for (const attempt of attempts) forge.lost("a", "w1", attempt);
  return forge;
};

const cases: readonly Case[] = [
  {
    rule: "at-least-once",
    broken: new Forge().sent("a").start("a").killed(),
    nearMiss: new Forge().sent("a").ran("a"),
  },
  {
    rule: "at-least-once",
    broken: new Forge().sent("a", FAILS).failed("a", "retried").failed("a", "dead-lettered", { attempt: 2 }),
    nearMiss: new Forge()
      .sent("a", FAILS)
      .failed("a", "retried")
      .failed("a", "dead-lettered", { attempt: 2 })
      .dead("a"),
  },
  {
    rule: "at-most-once",
    broken: new Forge()
      .call("a", AMO)
      .note({ kind: "pub-unknown", id: "a", code: "PUBLISH" })
      .start("a")
      .killed()
      .start("a", { worker: "w3" }),
    nearMiss: new Forge().sent("a", AMO).start("a").killed().sent("b", AMO).start("b", { worker: "w3" }),
  },
  {
    rule: "at-most-once-losses",
    broken: new Forge().sent("a", AMO),
    nearMiss: new Forge().sent("a", AMO).killed(),
    terms: { concurrency: 4 },
  },
  { rule: "only-what-was-sent", broken: new Forge().ran("a"), nearMiss: new Forge().sent("a").ran("a") },
  { rule: "only-what-was-sent", broken: new Forge().dead("a"), nearMiss: new Forge().sent("a", FAILS).dead("a") },
  {
    rule: "nothing-refused-runs",
    broken: new Forge().call("a").note({ kind: "pub-fail", id: "a", code: "QUEUE_FULL" }).ran("a"),
    nearMiss: new Forge().call("a").note({ kind: "pub-unknown", id: "a", code: "PUBLISH" }).ran("a"),
  },
  {
    rule: "not-before-its-time",
    broken: new Forge().sent("a", { eta: 2_000 }).wait(990).ran("a"),
    nearMiss: new Forge().sent("a", { eta: 2_000 }).wait(996).ran("a"),
  },
  {
    rule: "on-time",
    broken: new Forge().sent("a", { eta: 2_000 }).wait(2_000).ran("a"),
    nearMiss: new Forge()
      .sent("a", { eta: 2_000 })
      .wait(1_000)
      .fault("server-pause")
      .wait(900)
      .fault("server-pause", "end")
      .ran("a"),
    terms: { lateMs: 500 },
  },
  {
    rule: "done-or-dead",
    broken: new Forge().sent("a", { expected: "either" }).ran("a").dead("a", "delivery-limit"),
    nearMiss: new Forge().sent("a", { expected: "either" }).start("a").end("a").killed().dead("a", "delivery-limit"),
  },
  {
    rule: "done-or-dead",
    // The worker that was told that it lost one hand-out buries another, and has not taken back that it lost the first.
    broken: new Forge()
      .sent("a", { expected: "either" })
      .ran("a")
      .settled("a", "dead-lettered", "w1", 1)
      .dead("a", "delivery-limit"),
    nearMiss: new Forge()
      .sent("a", { expected: "either" })
      .start("a")
      .end("a")
      .lost("a")
      .settled("a", "dead-lettered", "w1", 1)
      .dead("a", "delivery-limit"),
  },
  {
    rule: "as-expected",
    broken: new Forge().sent("a").dead("a", "unknown-task"),
    nearMiss: new Forge().sent("a", AMO).dead("a", "maybe-executed"),
  },
  {
    rule: "as-expected",
    broken: new Forge().sent("a", { expected: "dead" }).ran("a"),
    nearMiss: new Forge().sent("a", { expected: "either" }).ran("a"),
  },
  {
    // What is handed out as often as is allowed, and always to one that a fault cuts off, cannot be told from poison.
    rule: "as-expected",
    broken: cutOff(4).start("a").settled("a", "dead-lettered").dead("a", "delivery-limit"),
    nearMiss: cutOff(5).settled("a", "dead-lettered", "w3").dead("a", "delivery-limit"),
    terms: { maxDeliveries: 5 },
  },
  {
    rule: "as-expected",
    broken: cutOff(5).settled("a", "dead-lettered", "w3").dead("a", "unknown-task"),
    // Of the hand-outs one was cut off on its way, and nobody began it.
    nearMiss: cutOff(4)
      .fault("isolate", "begin", "w2")
      .fault("isolate", "end", "w2")
      .settled("a", "dead-lettered", "w3")
      .dead("a", "delivery-limit"),
    terms: { maxDeliveries: 5 },
  },
  {
    rule: "as-expected",
    // A fault that strikes after it was buried explains nothing, nor does one that explains another hand-out.
    broken: cutOff(4)
      .settled("a", "dead-lettered", "w3")
      .fault("isolate", "begin", "w2")
      .fault("isolate", "end", "w2")
      .dead("a", "delivery-limit"),
    nearMiss: cutOff(4).ran("a", { worker: "w3" }),
    terms: { maxDeliveries: 5 },
  },
  {
    rule: "one-dead-letter",
    broken: new Forge().sent("a", FAILS).dead("a").dead("a"),
    nearMiss: new Forge().call("a", FAILS).fault("server-kill").note({ kind: "pub-ok", id: "a" }).dead("a").dead("a"),
  },
  {
    rule: "one-dead-letter",
    broken: new Forge()
      .call("a", { ...FAILS, dedupe: true })
      .fault("server-kill")
      .note({ kind: "pub-ok", id: "a" })
      .dead("a")
      .dead("a"),
    nearMiss: new Forge().sent("a", FAILS).dead("a"),
  },
  {
    rule: "replayed-once",
    broken: new Forge()
      .sent("a", { expected: "either" })
      .failed("a", "dead-lettered")
      .note({ kind: "replayed", id: "a", operator: "o1" })
      .note({ kind: "replayed", id: "a", operator: "o2" })
      .ran("a"),
    nearMiss: new Forge()
      .sent("a", { expected: "either" })
      .failed("a", "dead-lettered")
      .note({ kind: "replayed", id: "a", operator: "o1" })
      .failed("a", "dead-lettered")
      .note({ kind: "replayed", id: "a", operator: "o2" })
      .ran("a"),
  },
  {
    rule: "attempts-bounded",
    broken: new Forge()
      .sent("a", { maxRetries: 1 })
      .failed("a", "retried")
      .failed("a", "retried", { attempt: 2 })
      .ran("a", { attempt: 3 }),
    nearMiss: new Forge()
      .sent("a", { maxRetries: 2 })
      .failed("a", "retried")
      .failed("a", "retried", { attempt: 2 })
      .ran("a", { attempt: 3 }),
  },
  {
    rule: "retries-follow-failures",
    broken: new Forge()
      .sent("a", { maxRetries: 1 })
      .start("a")
      .end("a")
      .settled("a", "retried")
      .ran("a", { attempt: 2 }),
    // The first execution returned and died with its worker; the second of the same attempt failed.
    nearMiss: new Forge()
      .sent("a", { maxRetries: 1 })
      .start("a")
      .end("a")
      .killed()
      .failed("a", "retried", { worker: "w3" })
      .ran("a", { attempt: 2, worker: "w3" }),
  },
  {
    rule: "retries-follow-failures",
    broken: new Forge().sent("a", { maxRetries: 2 }).failed("a", "retried").ran("a", { attempt: 3 }),
    // It ignored its timeout, so that its end is not known.
    nearMiss: new Forge().sent("a", { maxRetries: 2 }).start("a").settled("a", "retried").ran("a", { attempt: 2 }),
  },
  {
    rule: "kept-over-attempts",
    broken: new Forge()
      .sent("a", { priority: 3, maxRetries: 1 })
      .failed("a", "retried", { priority: 3 })
      .ran("a", { attempt: 2 }),
    nearMiss: new Forge()
      .sent("a", { priority: 3, maxRetries: 1 })
      .failed("a", "retried", { priority: 3 })
      .ran("a", { attempt: 2, priority: 3 }),
  },
  {
    rule: "kept-over-attempts",
    broken: new Forge().sent("a").ran("a", { queue: "default" }),
    nearMiss: new Forge().sent("a", { queue: "default" }).ran("a", { queue: "default" }),
  },
  {
    rule: "no-duplicates-without-cause",
    broken: new Forge().sent("a").ran("a").ran("a", { worker: "w3" }),
    nearMiss: new Forge().sent("a").start("a").end("a").killed().ran("a", { worker: "w3" }),
  },
  {
    rule: "no-duplicates-without-cause",
    // Whose settlement is in doubt is only who settles when the fault strikes.
    broken: new Forge().sent("a").ran("a").fault("cut").ran("a", { worker: "w3" }),
    nearMiss: new Forge().sent("a").start("a").end("a").fault("cut").settled("a").ran("a", { worker: "w3" }),
  },
  {
    rule: "no-duplicates-without-cause",
    // One death explains one repetition.
    broken: new Forge().sent("a").start("a").killed().ran("a", { worker: "w3" }).ran("a", { worker: "w4" }),
    nearMiss: new Forge().sent("a").start("a").lost("a").ran("a", { worker: "w3" }),
  },
  {
    rule: "no-duplicates-without-cause",
    broken: new Forge().sent("a").ran("a").note({ kind: "replayed", id: "b", operator: "o1" }).ran("a"),
    nearMiss: new Forge()
      .sent("a", { expected: "either" })
      .failed("a", "dead-lettered")
      .note({ kind: "replayed", id: "a", operator: "o1" })
      .ran("a"),
  },
  {
    rule: "no-duplicates-without-cause",
    // Where a retry is two steps, a death between them leaves two chains of attempts.
    broken: new Forge()
      .sent("a", { maxRetries: 1 })
      .failed("a", "retried")
      .ran("a", { attempt: 2 })
      .ran("a", { attempt: 2 }),
    nearMiss: new Forge()
      .sent("a", { maxRetries: 1 })
      .start("a")
      .end("a", { ok: false })
      .killed()
      .failed("a", "retried", { worker: "w3" })
      .ran("a", { attempt: 2, worker: "w3" })
      .ran("a", { attempt: 2, worker: "w3" }),
    terms: { deadLetters: "at-least-once" },
  },
  {
    rule: "no-duplicates-without-cause",
    // What a worker believes that the broker took is gone if its connection broke with it.
    broken: new Forge().sent("a").ran("a").wait(2_000).fault("sever").ran("a"),
    nearMiss: new Forge().sent("a").ran("a").fault("sever").ran("a"),
    terms: { settlements: "unconfirmed" },
  },
  {
    rule: "no-duplicates-without-cause",
    // A worker that is continued starts what it had been handed, before it learns that it is not its own any more.
    broken: new Forge().sent("a").fault("pause", "begin", "w2").ran("a").fault("pause", "end", "w2").ran("a"),
    nearMiss: new Forge()
      .sent("a")
      .fault("pause", "begin", "w2")
      .ran("a")
      .fault("pause", "end", "w2")
      .ran("a", { worker: "w2" }),
    terms: { settlements: "unconfirmed" },
  },
  {
    rule: "no-duplicates-without-cause",
    // A worker is told late that attempt 1 is settled, and dies in attempt 2, which was not.
    broken: startsBeforeItIsTold().settled("a", "succeeded").killed().ran("a", { attempt: 2, worker: "w3" }),
    nearMiss: startsBeforeItIsTold().killed().ran("a", { attempt: 2, worker: "w3" }),
  },
  {
    rule: "no-duplicates-without-cause",
    // The same worker was handed again what it lost, before it was told.
    broken: new Forge().sent("a").start("a").start("a").end("a").end("a").settled("a"),
    nearMiss: new Forge().sent("a").start("a").end("a").start("a").lost("a").end("a").settled("a"),
  },
  { rule: "hand-outs-bounded", broken: crashing(6), nearMiss: crashing(5), terms: { maxDeliveries: 5 } },
  {
    rule: "hand-outs-bounded",
    broken: crashing(11, 2),
    // What a worker gives back that did not start it is counted from one again.
    nearMiss: crashing(10, 2),
    terms: { maxDeliveries: 5 },
  },
  {
    rule: "leases-kept",
    broken: new Forge().sent("a").start("a").fault("pause", "begin", "w7").lost("a").ran("a", { worker: "w3" }),
    nearMiss: new Forge().sent("a").start("a").fault("pause", "begin", "w1").lost("a").ran("a", { worker: "w3" }),
    terms: { leaseMs: 1_000 },
  },
  { rule: "leases-kept", broken: toldLate(1, 2), nearMiss: toldLate(1), terms: { leaseMs: 1_000 } },
  { rule: "concurrency-kept", broken: running(3), nearMiss: running(2), terms: { concurrency: 2 } },
  {
    rule: "concurrency-kept",
    broken: runTwiceAtOnce(running(3)),
    nearMiss: runTwiceAtOnce(running(2)),
    terms: { concurrency: 2 },
  },
  {
    rule: "sends-settle",
    broken: new Forge().call("a").wait(20_000).note({ kind: "pub-ok", id: "a" }).ran("a"),
    nearMiss: new Forge().call("a").wait(9_000).note({ kind: "pub-ok", id: "a" }).ran("a"),
    terms: { publishTimeoutMs: 10_000 },
  },
  {
    rule: "sends-settle",
    broken: new Forge().call("a"),
    nearMiss: new Forge().call("a").note({ kind: "pub-unknown", id: "a", code: "PUBLISH" }),
  },
  {
    rule: "nothing-waits",
    broken: new Forge()
      .call("a")
      .note({ kind: "pub-unknown", id: "a", code: "PUBLISH" })
      .note({ kind: "waiting", queue: "q", ready: 0, delayed: 1, inFlight: 0 }),
    nearMiss: new Forge().note({ kind: "waiting", queue: "q", ready: 0, delayed: 0, inFlight: 0 }),
  },
  {
    rule: "counts-add-up",
    broken: new Forge().sent("a").ran("a").note({ kind: "waiting", queue: "q", ready: 1, delayed: 0, inFlight: 0 }),
    nearMiss: new Forge()
      .call("a")
      .note({ kind: "pub-unknown", id: "a", code: "X" })
      .note({ kind: "waiting", queue: "q", ready: 1, delayed: 0, inFlight: 0 }),
    terms: { allowances: [{ rule: "nothing-waits", upTo: 1, because: "the scenario ends early" }] },
  },
  {
    rule: "nothing-unhandled",
    broken: new Forge().note({ kind: "unhandled", worker: "w1", message: "oops" }),
    nearMiss: new Forge().note({ kind: "worker-ready", worker: "w1" }),
  },
  {
    rule: "workers-stay",
    broken: new Forge().note({ kind: "worker-exit", worker: "w1", code: 1, signal: null, asked: false }),
    nearMiss: new Forge().note({ kind: "worker-exit", worker: "w1", code: 1, signal: null, asked: true }),
  },
  {
    rule: "history-is-whole",
    broken: new Forge().sent("a").ran("a").end("a"),
    nearMiss: new Forge().sent("a").start("a").settled("a").end("a"),
  },
  {
    rule: "history-is-whole",
    broken: new Forge().sent("a").ran("a").note({ kind: "pub-ok", id: "a" }),
    nearMiss: new Forge().sent("a").ran("a"),
  },
];

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
