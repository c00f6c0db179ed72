import type { Machine } from "../machine.js";
import { PAYLOAD_BYTES } from "../payload.js";
import { type ComparisonResult, type ContenderResult, summaryOf, type WorkloadResult } from "../run/results.js";
import { figure, quartiles, ratio, target } from "./format.js";
import { tableLines } from "./table.js";

/** Metrics of cost that are shown beside the main one, with their heads. */
const COSTS = [
  ["clientUs", "client us"],
  ["serverUs", "server us"],
] as const;

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
export function workloadLines({ workload, contenders }: WorkloadResult): readonly string[] {
  const { title, metric, unit, note } = workload;
  const costs = COSTS.filter(([name]) => contenders.some((contender) => summaryOf(contender, name) !== undefined));
  const head = ["", unit, "quartiles", ...costs.map(([, text]) => text)];
  const row = (contender: ContenderResult) => {
    const summary = summaryOf(contender, metric);
    if (contender.broken !== undefined || summary === undefined) return [contender.name, "BROKEN"];
    const cells = costs.map(([name]) => summaryOf(contender, name)).map((cost) => (cost ? figure(cost.median) : ""));
    return [contender.name, figure(summary.median), quartiles(summary, figure), ...cells];
  };
  const table = tableLines(
    [head, ...contenders.map(row)],
    ["left", "right", "right", ...costs.map(() => "right" as const)],
  );
  const reasons = contenders.flatMap(({ name, broken }) => (broken === undefined ? [] : `BROKEN: ${name}: ${broken}`));
  return [title, ...[...table, ...reasons, ...(note === undefined ? [] : [note])].map((line) => INDENT + line)];
}

/** Lines with every ratio of a run. */
export function ratioLines(results: readonly WorkloadResult[]): readonly string[] {
  const head = ["what", "subject", "against", "ratio", "quartiles", "target", "", "by CPU time"];
  const rows = results.flatMap(({ workload, comparisons }) =>
    comparisons.map((comparison) => [workload.name, ...comparisonCells(comparison)]),
  );
  return tableLines([head, ...rows], ["left", "left", "left", "right", "right", "left", "left", "right"]);
}

function comparisonCells(comparison: ComparisonResult): readonly string[] {
  const { subject, reference, ratio: summary, cpuRatio, met } = comparison;
  const goal = comparison.target === undefined ? "" : target(comparison.target);
  const verdict = met === undefined ? "" : met ? "met" : "MISSED";
  return [
    subject,
    reference,
    ratio(summary.median),
    quartiles(summary, ratio),
    goal,
    verdict,
    cpuRatio === undefined ? "" : ratio(cpuRatio),
  ];
}
