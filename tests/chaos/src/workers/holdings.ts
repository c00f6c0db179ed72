import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a worker that is at rest may hold more than before its load: what it opens at its first task, and keeps. */
const MAX_MORE_TIMERS = 8;
const MAX_MORE_DESCRIPTORS = 12;
/** Compiled code and caches of a worker that has run everything once; a leak of a long run is more. */
const MAX_MORE_HEAP_MB = 24;

const MEGABYTE = 1_048_576;

/** What a process holds. */
export interface Holdings {
  /** Timers that keep it from ending. */
  readonly timers: number;
  /** Open files and sockets; undefined where the system does not tell. */
  readonly descriptors: number | undefined;
  /** What is left after a full collection. */
  readonly heapMb: number;
}

/** What this process holds. */
export function holdings(): Holdings {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return {
    timers: process.getActiveResourcesInfo().filter((type) => type === "Timeout").length,
    descriptors: descriptors(),
    heapMb: process.memoryUsage().heapUsed / MEGABYTE,
  };
}

/** What a worker at rest holds more of than what it needs explains, in words. */
export function piledUp(before: Holdings, after: Holdings): readonly string[] {
  const found: string[] = [];
  const look = (what: string, had: number | undefined, has: number | undefined, most: number) => {
    if (had === undefined || has === undefined || has - had <= most) return;
    found.push(`${Math.round(has)} ${what} in place of ${Math.round(had)}`);
  };
  look("timers", before.timers, after.timers, MAX_MORE_TIMERS);
  look("open files", before.descriptors, after.descriptors, MAX_MORE_DESCRIPTORS);
  look("MB of heap", before.heapMb, after.heapMb, MAX_MORE_HEAP_MB);
  return found;
}

function descriptors(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    // Not Linux.
    return undefined;
  }
}
