import { parseArgs } from "node:util";
import { type Suite, suites } from "./suites.js";

/** What the command was asked for. */
export interface CommandLine {
  readonly suites: readonly Suite[];
  /** Names of workloads; undefined for all of the suites. */
  readonly only: readonly string[] | undefined;
  readonly quick: boolean;
  /** File for the report as JSON. */
  readonly json: string | undefined;
  /** Folder for CPU profiles of the contenders' processes. */
  readonly profileFolder: string | undefined;
}

/** How the command is used, as its errors tell. */
export const USAGE = `usage: npm run bench -- [suite ...] [--only workload,...] [--quick] [--json FILE] [--cpu-prof FOLDER]
${suites.map(({ name, workloads }) => `  ${name}: ${workloads.map((workload) => workload.name).join(", ")}`).join("\n")}`;

/** Reads the arguments. Throws an error with one sentence if they are not acceptable. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      json: { type: "string" },
      "cpu-prof": { type: "string" },
    },
  });
  const unknown = positionals.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new Error(`There is no suite "${unknown}".`);
  const chosen = suites.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const only = values.only?.split(",");
  const names = chosen.flatMap(({ workloads }) => workloads.map(({ name }) => name));
  const missing = only?.find((name) => !names.includes(name));
  if (missing !== undefined) throw new Error(`There is no workload "${missing}" in the chosen suites.`);
  const wanted = ({ workloads }: Suite) => only === undefined || workloads.some(({ name }) => only.includes(name));
  return {
    suites: chosen.filter(wanted),
    only,
    quick: values.quick,
    json: values.json,
    profileFolder: values["cpu-prof"],
  };
}
