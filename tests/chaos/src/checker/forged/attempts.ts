import { Forge } from "../forge.js";
import type { ForgedCase } from "./forged-case.js";

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

/** Forged histories about the attempts of a task: which follow, how often, and with what. */
export const forgedAttempts: readonly ForgedCase[] = [
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
    // The task still says with what priority it was sent; the broker has another one.
    broken: new Forge().sent("a", { priority: 3 }).ran("a", { priority: 3, handedOutAs: 0 }),
    nearMiss: new Forge().sent("a", { priority: 3 }).ran("a", { priority: 3, handedOutAs: 3 }),
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
];
