import { type Goal, outcomeOf } from "../goals.js";
import type { Machine } from "../machine.js";
import { PAYLOAD_BYTES } from "../payload.js";
import { type ComparisonResult, type ContenderResult, summaryOf, type WorkloadResult } from "../run/results.js";
import type { Column } from "../workload.js";
import { figure, quartiles, ratio, target } from "./format.js";
import { tableLines } from "./table.js";

/** Metrics of cost that are shown beside the main one, with their heads. */
const COSTS: readonly Column[] = [
  { metric: "clientUs", head: "client us" },
  { metric: "serverUs", head: "server us" },
];

const INDENT = "  ";

/** Lines about the machine, and what must be known before figures are read. */
export function machineLines(machine: Machine, quick: boolean): readonly string[] {
  const { cores, cpu, memoryGiB, system, node, loadBefore } = machine;
  return [
    `${cores} cores (${cpu}), ${memoryGiB} GiB, ${system}, Node ${node}, load before the run ${loadBefore}`,
    `Payloads of ${PAYLOAD_BYTES} bytes. Clients and server share the cores; contenders take turns round by round.`,
    ...(quick ? ["A quick run: few and short rounds."] : []),
    ...(loadBefore > cores / 2 ? ["The machine is busy with other things: look at the ratios, not at the rates."] : []),
  ];
}

/** Lines about one workload: a row for each contender. */
export function workloadLines(result: WorkloadResult): readonly string[] {
  const { title, note } = result.workload;
  const [head = [], ...rows] = contenderRows(result);
  const alignments = head.map((_, at) => (at === 0 ? "left" : "right"));
  const reasons = result.contenders.flatMap(({ name, broken }) =>
    broken === undefined ? [] : `BROKEN: ${name}: ${broken}`,
  );
  const lines = [...tableLines([head, ...rows], alignments), ...reasons, ...(note === undefined ? [] : [note])];
  return [title, ...lines.map((line) => INDENT + line)];
}

/** A row for each contender, below a head. */
export function contenderRows({ workload, contenders }: WorkloadResult): readonly (readonly string[])[] {
  const { metric, unit, columns = [] } = workload;
  const further = [...columns, ...COSTS].filter((column) =>
    contenders.some((contender) => summaryOf(contender, column.metric) !== undefined),
  );
  const row = (contender: ContenderResult) => {
    const summary = summaryOf(contender, metric);
    if (contender.broken !== undefined || summary === undefined) return [contender.name, "BROKEN"];
    const cells = further.map((column) => {
      const value = summaryOf(contender, column.metric)?.median;
      return value === undefined ? "" : figure(value);
    });
    return [contender.name, figure(summary.median), quartiles(summary, figure), ...cells];
  };
  return [["", unit, "quartiles", ...further.map(({ head }) => head)], ...contenders.map(row)];
}

/** Lines with every ratio of a run. */
export function ratioLines(results: readonly WorkloadResult[]): readonly string[] {
  const rows = results.flatMap(({ workload, comparisons }) =>
    comparisons.map((comparison) => [workload.name, ...comparisonCells(comparison)]),
  );
  return tableLines([["what", ...COMPARISON_HEAD], ...rows], ["left", ...COMPARISON_ALIGNMENTS]);
}

/** A row for each goal, below a head; empty cells where the run did not draw the ratio. */
export function goalRows(goals: readonly Goal[], results: readonly WorkloadResult[]): readonly (readonly string[])[] {
  const rows = goals.map((goal) => {
    const { title, against } = goal;
    const outcome = outcomeOf(goal, results);
    if (outcome === undefined) return [title, against, "", "not drawn"];
    const { target: goalTarget, met, ratio: summary } = outcome;
    return [
      title,
      against,
      goalTarget === undefined ? "" : target(goalTarget),
      ratio(summary.median),
      quartiles(summary, ratio),
      verdict(met),
    ];
  });
  return [["what", "against", "target", "ratio", "quartiles", ""], ...rows];
}

/** The same as lines. */
export function goalLines(goals: readonly Goal[], results: readonly WorkloadResult[]): readonly string[] {
  return tableLines(goalRows(goals, results), ["left", "left", "left", "right", "right", "left"]);
}

/** Heads and cells of a ratio, without the workload's name. */
export const COMPARISON_HEAD = ["subject", "against", "ratio", "quartiles", "target", "", "by CPU time"] as const;

const COMPARISON_ALIGNMENTS = ["left", "left", "right", "right", "left", "left", "right"] as const;

/** Cells of a ratio. */
export function comparisonCells(comparison: ComparisonResult): readonly string[] {
  const { subject, reference, metric, ratio: summary, cpuRatio, met } = comparison;
  return [
    subject,
    metric === undefined ? reference : `${reference}, ${metric}`,
    ratio(summary.median),
    quartiles(summary, ratio),
    comparison.target === undefined ? "" : target(comparison.target),
    verdict(met),
    cpuRatio === undefined ? "" : ratio(cpuRatio),
  ];
}

function verdict(met: boolean | undefined): string {
  return met === undefined ? "" : met ? "met" : "MISSED";
}
