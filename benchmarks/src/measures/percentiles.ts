import { quantile } from "../statistics.js";
import type { Column, Sample } from "../workload.js";

/** Median and tail of single durations, as metrics of a sample. The median is the workload's metric. */
export function percentiles(durations: readonly number[]): Sample {
  return { p50: quantile(durations, 0.5), p99: quantile(durations, 0.99), p999: quantile(durations, 0.999) };
}

/** The tail, as columns beside the median. */
export function tailColumns(unit: string): readonly Column[] {
  return [
    { metric: "p99", head: `p99, ${unit}` },
    { metric: "p999", head: `p99.9, ${unit}` },
  ];
}
