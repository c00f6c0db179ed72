import { readFileSync } from "node:fs";
import type { PlannedRun } from "./plan.js";
import type { Scenario, Targets } from "./scenario.js";
import { scenarios } from "./scenarios/index.js";
import { hasOneServer, STAGE_NAMES, type StageName } from "./stages/stage.js";

const MINUTE_MS = 60_000;
const PAGE_BYTES = 4_096;
/** What fills at first (caches, compiled code) is no leak: slopes are taken from this part of the run on. */
const SETTLED_PART = 1 / 3;
/** In less time a heap that is collected when it is full looks like one that grows. */
const MIN_SLOPE_MINUTES = 10;
/** A process that keeps a hundred bytes of each task at the soak's rate grows by 0.9. */
const MAX_SLOPE_MB = 2;
/** Keys or queues of the two queues of the load, with every priority, and of the delays. */
const MAX_PLACES = 80;

/** Memory of a process at a time, both since the start, in MB and minutes. */
interface Sample {
  readonly minute: number;
  readonly mb: number;
}

/** Long runs on these stages, by default on one Redis and on one RabbitMQ. Throws if the minutes make no sense. */
export function soakRuns(minutes: number, stages: readonly string[]): readonly PlannedRun[] {
  if (!(minutes > 0)) throw new Error("--soak takes the number of minutes, such as 20.");
  const wanted = STAGE_NAMES.filter((stage) => (stages.length === 0 ? hasOneServer(stage) : stages.includes(stage)));
  return wanted.map((stage) => ({ scenario: soakOn(stage, minutes), stage }));
}

/** Every fault that may be struck at any time, in an order that follows from the seed. */
function soakOn(stage: StageName, minutes: number): Scenario {
  const faults = scenarios.filter((one) => one.soak === true && one.stages.includes(stage) && "strike" in one);
  const struck = new Map<string, number>();
  const producer: Sample[] = [];
  const worker: Sample[] = [];
  const startedAt = performance.now();
  const sample = (samples: Sample[], pid: number | undefined) => {
    const bytes = pid === undefined ? undefined : residentBytes(pid);
    if (bytes === undefined) return;
    samples.push({ minute: (performance.now() - startedAt) / MINUTE_MS, mb: bytes / 1_048_576 });
  };
  const strike = async (targets: Targets): Promise<void> => {
    const { workers, random, ledger } = targets;
    sample(producer, process.pid);
    sample(worker, workers.oldest);
    await workers.ready();
    const fault = faults[random.below(faults.length)];
    if (fault === undefined || !("strike" in fault)) return;
    struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
    if (fault.sparesOthers === true) return fault.strike(targets);
    ledger.write({ kind: "nemesis", op: fault.name, phase: "begin" });
    await fault.strike(targets);
    ledger.write({ kind: "nemesis", op: fault.name, phase: "end" });
  };
  return {
    name: "soak",
    sentence: `For ${minutes} minutes a random fault every few seconds: nothing is lost or wedged, and nothing piles up.`,
    stages: [stage],
    tier: "all",
    needs: { proxied: hasOneServer(stage), redis: { appendonly: "always" } },
    workers: 4,
    sparedWorkers: 1,
    perSecond: 150,
    faults: Number.MAX_SAFE_INTEGER,
    forMs: minutes * MINUTE_MS,
    everyMs: 3_000,
    sparesOthers: true,
    strike,
    async verify({ note, broken, workers, stage: played }) {
      note(`faults: ${[...struck].map(([name, times]) => `${name} ${times}`).join(", ")}`);
      note(`memory of the producer: ${describe(producer)}`);
      note(`memory of the worker that lived through all (${workers.oldest}): ${describe(worker)}`);
      for (const samples of minutes < MIN_SLOPE_MINUTES ? [] : [producer, worker]) {
        const growth = slope(settled(samples));
        if (growth > MAX_SLOPE_MB) broken(`memory is flat: it grew by ${growth.toFixed(2)} MB a minute`);
      }
      const [oldest] = [...(await workers.holdings()).values()];
      if (oldest !== undefined) {
        const { timers, descriptors, heapMb } = oldest;
        note(`it holds ${timers} timers, ${descriptors ?? "?"} open files and ${heapMb.toFixed(1)} MB at rest`);
      }
      const { places } = await played.leftovers();
      note(`keys or queues at the end: ${places}`);
      if (places > MAX_PLACES) broken(`nothing piles up in the broker: ${places} keys or queues`);
    },
  };
}

function residentBytes(pid: number): number | undefined {
  try {
    const [, resident] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
    return resident === undefined ? undefined : resident * PAGE_BYTES;
  } catch {
    // Not Linux, or gone at this moment.
    return undefined;
  }
}

function describe(samples: readonly Sample[]): string {
  const late = settled(samples);
  const [first, last] = [late[0], late.at(-1)];
  if (first === undefined || last === undefined) return "unknown";
  return `${first.mb.toFixed(0)} MB, then ${last.mb.toFixed(0)} MB, slope ${slope(late).toFixed(2)} MB a minute`;
}

function settled(samples: readonly Sample[]): readonly Sample[] {
  return samples.slice(Math.floor(samples.length * SETTLED_PART));
}

/** Of the line with the least squares, in MB a minute. */
function slope(samples: readonly Sample[]): number {
  const mean = (read: (sample: Sample) => number) => samples.reduce((sum, one) => sum + read(one), 0) / samples.length;
  const [x, y] = [mean(({ minute }) => minute), mean(({ mb }) => mb)];
  const covariance = samples.reduce((sum, { minute, mb }) => sum + (minute - x) * (mb - y), 0);
  const variance = samples.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}
