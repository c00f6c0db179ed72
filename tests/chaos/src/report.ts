import type { RunResult, SkippedRun } from "./run-scenario.js";

const HEAD = [
  "scenario",
  "broker",
  "tasks",
  "faults",
  "lost",
  "lost at most once",
  "run again",
  "refused",
  "recovery p99",
  "seconds",
  "held",
] as const;

/** Cells of a run's line in the table. */
function cells(result: RunResult | SkippedRun): readonly string[] {
  if ("skipped" in result)
    return [result.scenario, result.stage, `${result.failed ? "FAILED" : "skipped"}: ${result.skipped}`];
  const { counts, violations, allowed } = result;
  const lost = [...violations, ...allowed].find(({ rule }) => rule === "at-least-once")?.ids.length ?? 0;
  return [
    result.scenario,
    result.stage,
    String(counts.sent),
    String(result.faults),
    String(lost),
    String(counts.lostAtMostOnce),
    String(counts.repeated),
    String(counts.refused + counts.unknown),
    result.recoveriesMs.length === 0 ? "" : `${(percentile(result.recoveriesMs, 0.99) / 1_000).toFixed(1)} s`,
    result.seconds.toFixed(0),
    violations.length === 0 ? "yes" : "no",
  ];
}

/** The table as text for a terminal. */
export function textTable(results: readonly (RunResult | SkippedRun)[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) =>
    Math.max(...rows.map((row) => (row.length < 4 ? 0 : (row[column] ?? "").length))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const BEGIN = "<!-- run -->";
const END = "<!-- end of run -->";

/** A page with this run in the place that it keeps for one. Throws if the page keeps none. */
export function insertRun(page: string, intro: string, results: readonly (RunResult | SkippedRun)[]): string {
  const [from, until] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || until < from) throw new Error(`The page has no place for a run: put ${BEGIN} and ${END} into it`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${intro}\n\n${markdownTable(results)}\n\n${page.slice(until)}`;
}

function markdownTable(results: readonly (RunResult | SkippedRun)[]): string {
  const line = (row: readonly string[]) => `| ${HEAD.map((_, column) => row[column] ?? "").join(" | ")} |`;
  return [line(HEAD), line(HEAD.map(() => "---")), ...results.map((result) => line(cells(result)))].join("\n");
}

/** What a run broke, for a terminal. */
export function describeViolations({ violations, artifacts }: Pick<RunResult, "violations" | "artifacts">): string {
  const lines = violations.flatMap(({ promise, ids, details = [] }) => [
    `BROKEN: ${promise}${ids.length > 0 ? ` (${ids.length} tasks)` : ""}`,
    ...details.map((detail) => `    ${detail}`),
  ]);
  return [...lines, `Histories and logs: ${artifacts ?? ""}`].join("\n");
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
