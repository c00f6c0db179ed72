import { type Summary, summarize } from "../statistics.js";
import type { Comparison, Sample, Side, Target, Workload } from "../workload.js";

/** What one contender reached. */
export interface ContenderResult {
  readonly name: string;
  /** Whether it is Chicory, in whatever setting. */
  readonly isOwn?: boolean;
  /** One for each round that counts, in order. */
  readonly samples: readonly Sample[];
  /** Why the contender did not do what it claims to do; it has no figures then. */
  readonly broken?: string;
}

/** A ratio of two sides. */
export interface ComparisonResult {
  readonly subject: string;
  readonly reference: string;
  /** What is compared, where it is not the workload's metric on both sides. */
  readonly metric?: string;
  /** One for each round. Rounds follow each other closely, so what disturbs the machine disturbs both sides. */
  readonly ratios: readonly number[];
  readonly ratio: Summary;
  /**
   * The reference's processor time for a message, client and server together, by the subject's: by how much the
   * subject would be faster if nothing but the processors limited it. Undefined where it was not measured.
   */
  readonly cpuRatio: number | undefined;
  readonly target: Target | undefined;
  /** Undefined without a target. */
  readonly met: boolean | undefined;
}

/** What a workload came to. */
export interface WorkloadResult {
  readonly workload: Pick<Workload, "name" | "title" | "metric" | "unit" | "columns" | "note">;
  readonly contenders: readonly ContenderResult[];
  /** Without those that a broken contender would be part of. */
  readonly comparisons: readonly ComparisonResult[];
}

/** Draws the comparisons of a workload from the samples of its contenders. */
export function conclude(workload: Workload, contenders: readonly ContenderResult[]): WorkloadResult {
  const { name, title, metric, unit, columns, note } = workload;
  const described = { ...(columns === undefined ? {} : { columns }), ...(note === undefined ? {} : { note }) };
  return {
    workload: { name, title, metric, unit, ...described },
    contenders,
    comparisons: workload.comparisons.flatMap((comparison) => compare(comparison, workload, contenders) ?? []),
  };
}

/** Median and quartiles of one metric; undefined for a contender that is broken or does not measure it. */
export function summaryOf({ samples }: ContenderResult, metric: string): Summary | undefined {
  const values = samples.flatMap((sample) => sample[metric] ?? []);
  return values.length === 0 ? undefined : summarize(values);
}

function compare(
  { subject, reference, target }: Comparison,
  workload: Workload,
  contenders: readonly ContenderResult[],
): ComparisonResult | undefined {
  const above = series(subject, workload, contenders);
  const below = series(reference, workload, contenders);
  const ratios = above.flatMap((value, round) => {
    const other = below[round];
    return other === undefined ? [] : [value / other];
  });
  if (ratios.length === 0) return undefined;
  const ratio = summarize(ratios);
  return {
    subject: nameOf(subject, reference),
    reference: nameOf(reference, subject),
    ...sharedMetric(subject, reference),
    ratios,
    ratio,
    cpuRatio: cpuRatio(subject, reference, contenders),
    target,
    met: target === undefined ? undefined : meets(ratio.median, target),
  };
}

function series(side: Side, workload: Workload, contenders: readonly ContenderResult[]): readonly number[] {
  const { metric } = workload;
  if (!workload.contenders.some(({ name }) => name === side.contender)) {
    throw new Error(`A comparison names "${side.contender}", which takes no part`);
  }
  const result = contenders.find(({ name }) => name === side.contender);
  // Some take no part in a quick run.
  if (result === undefined || result.broken !== undefined) return [];
  return result.samples.flatMap((sample) => sample[side.metric ?? metric] ?? []);
}

function cpuRatio(subject: Side, reference: Side, contenders: readonly ContenderResult[]): number | undefined {
  const [own, other] = [cpuTime(subject, contenders), cpuTime(reference, contenders)];
  return own === undefined || other === undefined ? undefined : other / own;
}

function cpuTime(side: Side, contenders: readonly ContenderResult[]): number | undefined {
  const samples = contenders.find(({ name }) => name === side.contender)?.samples ?? [];
  const times = samples.flatMap(({ clientUs, serverUs }) =>
    clientUs === undefined || serverUs === undefined ? [] : clientUs + serverUs,
  );
  return times.length === 0 ? undefined : summarize(times).median;
}

/** The metric of both sides, where it is not the workload's. */
function sharedMetric(subject: Side, reference: Side): { readonly metric?: string } {
  return subject.metric !== undefined && subject.metric === reference.metric ? { metric: subject.metric } : {};
}

/** A side by its contender, and by its metric where that is what tells it from the other. */
function nameOf({ contender, metric }: Side, other: Side): string {
  return contender === other.contender && metric !== undefined ? metric : contender;
}

function meets(ratio: number, target: Target): boolean {
  return "atLeast" in target ? ratio >= target.atLeast : ratio <= target.atMost;
}
