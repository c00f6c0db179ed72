import type { Target } from "../workload.js";
import type { WorkloadResult } from "./results.js";

/** How far a ratio may lie beyond its target before it is a failure: machines that others share are this noisy. */
const TOLERANCE = 2;

/** Contenders that did not do what they claim to do, each in a sentence. */
export function brokenContenders(results: readonly WorkloadResult[]): readonly string[] {
  return results.flatMap(({ workload, contenders }) =>
    contenders.flatMap(({ name, broken }) => (broken === undefined ? [] : `${workload.name}: ${name}: ${broken}`)),
  );
}

/** Ratios that reach not even half of their targets, or twice as much as they may, each in a sentence. */
export function farFromTarget(results: readonly WorkloadResult[]): readonly string[] {
  return results.flatMap(({ workload, comparisons }) =>
    comparisons.flatMap(({ subject, reference, ratio, target }) =>
      target === undefined || isNear(ratio.median, target)
        ? []
        : `${workload.name}: ${subject} against ${reference} is at ${ratio.median.toFixed(2)}`,
    ),
  );
}

function isNear(ratio: number, target: Target): boolean {
  return "atLeast" in target ? ratio >= target.atLeast / TOLERANCE : ratio <= target.atMost * TOLERANCE;
}
