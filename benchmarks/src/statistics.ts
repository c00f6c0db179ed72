/** What a series of samples comes down to. */
export interface Summary {
  readonly median: number;
  /** The lower and the upper quartile: half of the samples lie between them. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/**
 * Median and quartiles, which a few disturbed samples do not move, unlike mean and deviation. Throws for an empty
 * series.
 */
export function summarize(samples: readonly number[]): Summary {
  return {
    median: quantile(samples, 0.5),
    low: quantile(samples, 0.25),
    high: quantile(samples, 0.75),
    count: samples.length,
  };
}

/**
 * The value below which `part` (0 to 1) of the samples lie, interpolated between the two nearest. Throws for an empty
 * series and for a part outside of its bounds.
 */
export function quantile(samples: readonly number[], part: number): number {
  if (!(part >= 0 && part <= 1)) throw new RangeError(`A quantile is asked for by a part from 0 to 1, not ${part}`);
  const sorted = samples.toSorted((one, other) => one - other);
  const position = part * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError("No samples, no quantile");
  return below + (above - below) * (position - Math.floor(position));
}
