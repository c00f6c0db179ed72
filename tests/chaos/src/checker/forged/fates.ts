import { Forge } from "../forge.js";
import type { ForgedCase } from "./forged-case.js";

const AMO = { mode: "at-most-once" } as const;
const FAILS = { maxRetries: 1, expected: "dead" } as const;

/** A task that failed in both of its attempts, and what its letter says. */
const buried = (letter: Parameters<Forge["dead"]>[2]) =>
  new Forge()
    .sent("a", FAILS)
    .failed("a", "retried")
    .failed("a", "dead-lettered", { attempt: 2 })
    .dead("a", "retries-exhausted", letter);

/** Faults that strike a worker which runs nothing. */
const isolations = (times: number, forge: Forge) => {
  for (let n = 0; n < times; n++) forge.fault("isolate", "begin", "w2").fault("isolate", "end", "w2");
  return forge;
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

/** Forged histories about what becomes of a task: whether it is done, dead, lost, or there more than once. */
export const forgedFates: readonly ForgedCase[] = [
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
  {
    rule: "only-what-was-sent",
    broken: new Forge().dead("a", "rejected"),
    nearMiss: new Forge().sent("a", FAILS).dead("a", "rejected"),
  },
  {
    rule: "nothing-refused-runs",
    broken: new Forge().call("a").note({ kind: "pub-fail", id: "a", code: "QUEUE_FULL" }).ran("a"),
    nearMiss: new Forge().call("a").note({ kind: "pub-unknown", id: "a", code: "PUBLISH" }).ran("a"),
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
    nearMiss: isolations(1, cutOff(4)).settled("a", "dead-lettered", "w3").dead("a", "delivery-limit"),
    terms: { maxDeliveries: 5 },
  },
  {
    rule: "as-expected",
    // A fault that strikes after it was buried explains nothing, nor does one that explains another hand-out.
    broken: isolations(1, cutOff(4).settled("a", "dead-lettered", "w3")).dead("a", "delivery-limit"),
    nearMiss: cutOff(4).ran("a", { worker: "w3" }),
    terms: { maxDeliveries: 5 },
  },
  {
    rule: "as-expected",
    // However many faults there were, most hand-outs leave a trace.
    broken: isolations(9, cutOff(2)).settled("a", "dead-lettered", "w3").dead("a", "delivery-limit"),
    nearMiss: isolations(2, cutOff(3)).settled("a", "dead-lettered", "w3").dead("a", "delivery-limit"),
    terms: { maxDeliveries: 5 },
  },
  {
    rule: "one-dead-letter",
    broken: new Forge().sent("a", FAILS).dead("a", "rejected").dead("a", "rejected"),
    nearMiss: new Forge()
      .call("a", FAILS)
      .fault("server-kill")
      .note({ kind: "pub-ok", id: "a" })
      .dead("a", "rejected")
      .dead("a", "rejected"),
  },
  {
    rule: "one-dead-letter",
    broken: new Forge()
      .call("a", { ...FAILS, dedupe: true })
      .fault("server-kill")
      .note({ kind: "pub-ok", id: "a" })
      .dead("a", "rejected")
      .dead("a", "rejected"),
    nearMiss: new Forge().sent("a", FAILS).dead("a", "rejected"),
  },
  {
    rule: "letters-tell-why",
    broken: buried({ attempts: 1, hasError: true }),
    nearMiss: buried({ attempts: 2, hasError: true }),
  },
  {
    rule: "letters-tell-why",
    broken: buried({ attempts: 2, hasError: false }),
    // A letter that was written for another reason may come before the last attempt, and without an error.
    nearMiss: new Forge()
      .sent("a", FAILS)
      .failed("a", "dead-lettered")
      .dead("a", "rejected", { attempts: 1, hasError: false }),
  },
  {
    rule: "letters-tell-why",
    broken: new Forge().sent("a", FAILS).failed("a", "dead-lettered").dead("a", "retries-exhausted"),
    nearMiss: new Forge()
      .sent("a", { ...FAILS, maxRetries: 0 })
      .failed("a", "dead-lettered")
      .dead("a", "retries-exhausted"),
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
];
