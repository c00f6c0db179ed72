import type { EventOf } from "./task-history.js";

/** A fault from its begin to when it was mended; of no length where it was over at once. */
export interface Fault {
  readonly op: string;
  /** The process that it struck; undefined where it struck the server, the network, or everybody. */
  readonly target: string | undefined;
  readonly from: number;
  readonly until: number;
}

/** Pairs begins with ends. What was never mended lasts for ever. */
export function faultsOf(events: readonly EventOf<"nemesis">[]): readonly Fault[] {
  const ends = events.filter(({ phase }) => phase === "end");
  return events
    .filter(({ phase }) => phase === "begin")
    .map(({ op, target, t }) => {
      const index = ends.findIndex((end) => end.op === op && end.target === target && end.t >= t);
      const [end] = index < 0 ? [] : ends.splice(index, 1);
      return { op, target, from: t, until: end?.t ?? (ends.some((other) => other.op === op) ? Infinity : t) };
    });
}

/** Whether a fault that a process could feel overlaps a span of time. */
export function isStruck(faults: readonly Fault[], process: string | undefined, from: number, until: number): boolean {
  return faults.some(
    (fault) => fault.from <= until && fault.until >= from && (fault.target === undefined || fault.target === process),
  );
}
