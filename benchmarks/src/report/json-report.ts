import { readFile, writeFile } from "node:fs/promises";
import type { Machine } from "../machine.js";
import type { SuiteResult } from "../run/run-suite.js";

/** Everything of a run, every sample included. */
export interface JsonReport {
  /** When the run began, as ISO 8601. */
  readonly startedAt: string;
  /** How long it took, in seconds. */
  readonly durationSeconds: number;
  readonly quick: boolean;
  readonly payloadBytes: number;
  readonly machine: Machine;
  /** Versions of what was measured. */
  readonly versions: Readonly<Record<string, string>>;
  readonly suites: readonly SuiteResult[];
}

/** Writes a report to a file, for charts and for comparing runs. */
export async function writeJsonReport(file: string, report: JsonReport): Promise<void> {
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** Reads what {@link writeJsonReport} has written. */
export async function readJsonReport(file: string): Promise<JsonReport> {
  return JSON.parse(await readFile(file, "utf8")) as JsonReport;
}
