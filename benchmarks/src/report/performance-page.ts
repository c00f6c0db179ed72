import { goals } from "../goals.js";
import { summaryOf, type WorkloadResult } from "../run/results.js";
import type { SuiteResult } from "../run/run-suite.js";
import { type Bar, drawBars } from "./chart.js";
import { figure } from "./format.js";
import type { JsonReport } from "./json-report.js";
import { filled, markdownTable } from "./markdown.js";
import { COMPARISON_HEAD, comparisonCells, contenderRows, goalRows, machineLines } from "./text-report.js";

/** A page of the documentation with its charts. */
export interface PerformancePage {
  /** The page as Markdown. */
  readonly text: string;
  /** Charts as SVG, by the names of their files, which lie in {@link CHART_FOLDER} beside the page. */
  readonly charts: ReadonlyMap<string, string>;
}

/** Where the page expects its charts, from its own folder. */
export const CHART_FOLDER = "performance";

/** Columns of text before the numbers of a row. */
const COMPARISON_TEXTS = 2;
const GOAL_TEXTS = 3;

/** Makes the page out of a run. Its template says all that figures cannot say. */
export async function performancePage(report: JsonReport, template: string): Promise<PerformancePage> {
  const results = report.suites.flatMap(({ workloads }) => workloads);
  const charts = new Map<string, string>();
  for (const result of results) {
    const bars = barsOf(result);
    if (bars.length > 0) charts.set(`${result.workload.name}.svg`, await chartOf(result, bars));
  }
  const text = filled(template, {
    run: runLines(report)
      .map((line) => `- ${line}`)
      .join("\n"),
    versions: Object.entries(report.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    goals: markdownTable(goalRows(goals, results), GOAL_TEXTS),
    missed: missedLine(results),
    workloads: report.suites.map((suite) => suiteText(suite)).join("\n\n"),
  });
  return { text, charts };
}

function runLines({ machine, quick, startedAt, durationSeconds, suites }: JsonReport): readonly string[] {
  const servers = suites.flatMap(({ server }) => server ?? []);
  const minutes = figure(durationSeconds / 60);
  return [...machineLines(machine, quick), ...servers, `Begun ${startedAt.slice(0, 16)}Z; it took ${minutes} minutes.`];
}

/** The goals that the run missed, or that it has none of those. */
function missedLine(results: readonly WorkloadResult[]): string {
  const missed = results.flatMap(({ workload, comparisons }) =>
    comparisons.flatMap(({ met, reference, metric }) =>
      met === false ? `${workload.name} against ${reference}${metric === undefined ? "" : `, ${metric}`}` : [],
    ),
  );
  return missed.length === 0 ? "Every target of this run was met." : `Missed in this run: ${missed.join("; ")}.`;
}

function suiteText({ suite, server, workloads }: SuiteResult): string {
  return [`## Suite ${suite}`, server ?? "No server: everything in one process.", ...workloads.map(workloadText)].join(
    "\n\n",
  );
}

function workloadText(result: WorkloadResult): string {
  const { workload, contenders, comparisons } = result;
  const broken = contenders.flatMap(({ name, broken: reason }) =>
    reason === undefined ? [] : `**Broken:** ${name}: ${reason}`,
  );
  const ratios = [COMPARISON_HEAD, ...comparisons.map(comparisonCells)];
  return [
    `### ${workload.name}`,
    `${upperFirst(workload.title)}.`,
    ...(barsOf(result).length > 0 ? [`![${workload.title}](${CHART_FOLDER}/${workload.name}.svg)`] : []),
    markdownTable(contenderRows(result), 1),
    ...broken,
    ...(comparisons.length > 0 ? [markdownTable(ratios, COMPARISON_TEXTS)] : []),
    ...(workload.note === undefined ? [] : [workload.note]),
  ].join("\n\n");
}

function barsOf({ workload, contenders }: WorkloadResult): readonly Bar[] {
  return contenders.flatMap((contender) => {
    const summary = summaryOf(contender, workload.metric);
    if (contender.broken !== undefined || summary === undefined) return [];
    const { median, low, high } = summary;
    return { name: contender.name, value: median, low, high, label: figure(median), isOwn: contender.isOwn === true };
  });
}

function chartOf({ workload }: WorkloadResult, bars: readonly Bar[]): Promise<string> {
  return drawBars({ title: workload.title, unit: workload.unit, bars });
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
