import { setTimeout as pause } from "node:timers/promises";
import type { Drainer, OpenDrainer } from "../contenders/drainer.js";
import { payloads } from "../payload.js";
import { countOf, type Measure, type Round, type RoundCount, type Sample } from "../workload.js";
import { startCpuMeter } from "./cpu-meter.js";
import { openProbe } from "./open-probe.js";
import type { ServerProbe } from "./server-probe.js";
import { Tally } from "./tally.js";

/** Tasks of one call of `fill`. */
const CHUNK = 1_000;

/**
 * Part of the tasks that are executed before the clock runs. A worker that starts has things to do once that say nothing
 * about its rate: connections, threads, first fetches.
 */
const RUN_UP = 0.2;

/** What the tasks of a drain are. */
export interface TaskKind {
  /** Size of each payload; default 100. */
  readonly payloadBytes?: number;
  /** How long each handler waits, as for a reply of another service; default: not at all. */
  readonly waitMs?: number;
}

/** Measures how many tasks a second a drainer executes and settles once it is running, and what each costs. */
export function draining(open: OpenDrainer, tasks: RoundCount, kind: TaskKind = {}): Measure {
  return async (round) => {
    const probe = await openProbe(round);
    try {
      await probe?.flush();
      return await measure(open, round, countOf(tasks, round), kind, probe);
    } finally {
      await probe?.close();
    }
  };
}

async function measure(
  open: OpenDrainer,
  round: Round,
  count: number,
  { payloadBytes, waitMs }: TaskKind,
  probe: ServerProbe | undefined,
): Promise<Sample> {
  const tally = new Tally(count);
  const runUp = Math.floor(count * RUN_UP);
  let startedAt = 0;
  let meter: ReturnType<typeof startCpuMeter> | undefined;
  const drainer = await open(round, (payload) => {
    if (tally.count === runUp) {
      startedAt = performance.now();
      meter = probe && startCpuMeter(probe);
    }
    tally.add(payload);
    return waitMs === undefined ? undefined : pause(waitMs);
  });
  try {
    await fill(drainer, count, payloadBytes);
    if (tally.count > 0) throw new Error("Tasks were executed before the worker was started");
    await drainer.drain(count);
    const elapsedMs = performance.now() - startedAt;
    const stopMeter = await meter;
    const cost = await stopMeter?.(count - runUp);
    tally.assertEachOnce();
    const left = await drainer.left();
    if (left > 0) throw new Error(`The server still holds ${left} of ${count} tasks`);
    return { rate: ((count - runUp) * 1_000) / elapsedMs, ...cost };
  } finally {
    await drainer.close();
  }
}

/** Stores payloads in chunks. */
export async function fill(drainer: Drainer, count: number, payloadBytes?: number): Promise<void> {
  for (let from = 0; from < count; from += CHUNK) {
    await drainer.fill(payloads(from, Math.min(count, from + CHUNK), payloadBytes));
  }
}
