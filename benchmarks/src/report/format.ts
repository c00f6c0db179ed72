import type { Summary } from "../statistics.js";
import type { Target } from "../workload.js";

/** From here on decimals of a figure are noise. */
const WHOLE_FROM = 1_000;

const ENGLISH = "en-US";

/** A figure with as many digits as mean something. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= WHOLE_FROM ? 0 : 1;
  return value.toLocaleString(ENGLISH, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A ratio. */
export function ratio(value: number): string {
  return value.toLocaleString(ENGLISH, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Quartiles, or nothing where there was only one sample. */
export function quartiles({ low, high, count }: Summary, format: (value: number) => string): string {
  return count === 1 ? "one round" : `${format(low)} to ${format(high)}`;
}

/** A target as a condition. */
export function target(target: Target): string {
  return "atLeast" in target ? `>= ${target.atLeast}` : `<= ${target.atMost}`;
}
