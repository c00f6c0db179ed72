import { readFileSync, writeFileSync } from "node:fs";
import type { RunResult, SkippedRun } from "./run-scenario.js";

/** A whole run, as it is kept in a JSON file: a page can be made of it later. */
export interface RunRecord {
  /** What was typed. */
  readonly command: string;
  /** Day of the run, as `2026-01-31`. */
  readonly date: string;
  readonly seed: number;
  readonly node: string;
  /** Of the servers. */
  readonly versions: readonly string[];
  readonly minutes: number;
  readonly results: readonly (RunResult | SkippedRun)[];
}

const HEAD = [
  "scenario",
  "broker",
  "tasks",
  "faults",
  "lost",
  "lost at most once",
  "duplicated",
  "refused",
  "longest stall",
  "recovery",
  "seconds",
  "held",
] as const;

/** Cells of a run's line in the table. */
function cells(result: RunResult | SkippedRun): readonly string[] {
  if ("skipped" in result)
    return [
      result.scenario,
      result.stage,
      `${result.failed ? "FAILED" : "skipped"}: ${result.skipped.split("\n", 1)[0]}`,
    ];
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
    inSeconds(counts.longestStallMs),
    result.recoveriesMs.length === 0 ? "" : inSeconds(Math.max(...result.recoveriesMs)),
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

const END = "<!-- end of run -->";

/** Puts a run into the place that a page keeps for one, or for one of this name. Throws if the page keeps none. */
export function writeToPage(file: string, record: RunRecord, place?: string): void {
  const { command, date, seed, node, versions, minutes, results } = record;
  const page = readFileSync(file, "utf8");
  const begin = place === undefined ? "<!-- run -->" : `<!-- run: ${place} -->`;
  const from = page.indexOf(begin);
  const until = page.indexOf(END, from);
  if (from < 0 || until < from) throw new Error(`${file} has no place for a run: put ${begin} and ${END} into it`);
  const software = [`Node ${node}`, ...versions].join(", ");
  const intro = `\`${command}\`, ${date}, seed ${seed}, ${software}, ${minutes.toFixed(0)} minutes:`;
  const text = `${page.slice(0, from + begin.length)}\n\n${intro}\n\n${markdownTable(results)}\n\n${page.slice(until)}`;
  writeFileSync(file, text);
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

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
