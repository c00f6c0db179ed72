import { Forge } from "../forge.js";
import type { ForgedCase } from "./forged-case.js";

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

/** A worker that a fault struck in attempt 1 is told only after attempt 2, which it runs as well, that it lost these. */
const toldLate = (...attempts: readonly number[]) => {
  const forge = new Forge().sent("a", { maxRetries: 1 });
  forge.start("a").fault("isolate", "begin", "w1").end("a", { ok: false }).fault("isolate", "end", "w1");
  forge.failed("a", "retried", { worker: "w3" }).wait(10_000);
  forge.start("a", { attempt: 2 }).end("a", { attempt: 2 }).settled("a", "succeeded", "w1", 2);
  for (const attempt of attempts) forge.lost("a", "w1", attempt);
  return forge;
};

/** Forged histories about what a worker process holds, and how it ends. */
export const forgedProcesses: readonly ForgedCase[] = [
  {
    rule: "leases-kept",
    broken: new Forge().sent("a").start("a").fault("pause", "begin", "w7").lost("a").ran("a", { worker: "w3" }),
    nearMiss: new Forge().sent("a").start("a").fault("pause", "begin", "w1").lost("a").ran("a", { worker: "w3" }),
    terms: { leaseMs: 1_000 },
  },
  {
    rule: "leases-kept",
    broken: new Forge().sent("a").start("a").fault("server-pause").lost("a").ran("a", { worker: "w3" }),
    // A worker that is gone is another thing.
    nearMiss: new Forge().sent("a").start("a").lost("a").killed().ran("a", { worker: "w3" }),
    terms: { leaseMs: 1_000, keepsLeases: true },
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
    rule: "nothing-unhandled",
    broken: new Forge().note({ kind: "unhandled", worker: "w1", message: "oops" }),
    nearMiss: new Forge().note({ kind: "worker-ready", worker: "w1" }),
  },
  {
    rule: "workers-stay",
    broken: new Forge().note({ kind: "worker-exit", worker: "w1", code: 1, signal: null, asked: false }),
    nearMiss: new Forge().note({ kind: "worker-exit", worker: "w1", code: 1, signal: null, asked: true }),
  },
];
