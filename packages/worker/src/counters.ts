/** What has happened since the worker was started. Each counts settlements that took, not attempts to settle. */
export interface Counts {
  /** Handlers that were called. */
  readonly started: number;
  readonly succeeded: number;
  readonly retried: number;
  readonly deadLettered: number;
  /** Failed for good without a dead letter: at most once, or dropped by `deadLetters: false`. */
  readonly failed: number;
  readonly lost: number;
  readonly requeued: number;
  readonly unknownTask: number;
}

/** The same, to count with. */
export type Counters = { -readonly [TName in keyof Counts]: Counts[TName] };

/** Every count at zero. */
export function noCounts(): Counters {
  return {
    started: 0,
    succeeded: 0,
    retried: 0,
    deadLettered: 0,
    failed: 0,
    lost: 0,
    requeued: 0,
    unknownTask: 0,
  };
}

/** The sums of several counts. */
export function sumOf(counts: readonly Counts[]): Counts {
  const sum = noCounts();
  for (const one of counts) {
    for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += one[name];
  }
  return sum;
}
