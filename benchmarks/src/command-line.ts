import { parseArgs } from "node:util";
import { type Suite, suites } from "./suites.js";

/** What the command was asked for. */
export interface CommandLine {
  /** Each with the workloads that are to run, and with no others. */
  readonly suites: readonly Suite[];
  readonly quick: boolean;
  /** Rounds of every workload that count, in place of its own number. */
  readonly rounds: number | undefined;
  /** Print the workloads, and run none. */
  readonly list: boolean;
  /** Fail on ratios that are far from their targets. */
  readonly gate: boolean;
  /** File for the report as JSON. */
  readonly json: string | undefined;
  /** Write the page of the documentation. */
  readonly docs: boolean;
  /** Report of an earlier run, to be reported anew in place of a run. */
  readonly from: string | undefined;
  /** Folder for CPU profiles of the contenders' processes. */
  readonly profileFolder: string | undefined;
}

/** How the command is used, as its errors tell. */
export const USAGE = `usage: npm run bench -- [suite ...] [option ...]
  --only WORKLOAD,...  run only these
  --quick              few and short rounds, and not every workload
  --rounds N           rounds of each workload
  --list               print suites and workloads
  --json FILE          write every sample to a file
  --docs               write docs/performance.md and its charts
  --from FILE          report what such a file holds, and run nothing
  --gate               exit with 1 if a ratio is below half of its target, too
  --cpu-prof FOLDER    write a CPU profile of each contender
${suites.map(({ name, workloads }) => `  ${name}: ${workloads.map((workload) => workload.name).join(", ")}`).join("\n")}`;

/** Reads the arguments. Throws an error with one sentence if they are not acceptable. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      list: { type: "boolean", default: false },
      gate: { type: "boolean", default: false },
      json: { type: "string" },
      docs: { type: "boolean", default: false },
      from: { type: "string" },
      "cpu-prof": { type: "string" },
    },
  });
  const { quick, list, gate, json, docs, from } = values;
  return {
    suites: chosenSuites(positionals, values.only?.split(","), quick && !list),
    quick,
    rounds: values.rounds === undefined ? undefined : countOf(values.rounds),
    list,
    gate,
    json,
    docs,
    from,
    profileFolder: values["cpu-prof"],
  };
}

function chosenSuites(names: readonly string[], only: readonly string[] | undefined, quick: boolean): readonly Suite[] {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new Error(`There is no suite "${unknown}".`);
  const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name));
  const known = chosen.flatMap(({ workloads }) => workloads.map(({ name }) => name));
  const missing = only?.find((name) => !known.includes(name));
  if (missing !== undefined) throw new Error(`There is no workload "${missing}" in the chosen suites.`);
  return chosen
    .map((suite) => ({
      ...suite,
      workloads: suite.workloads.filter(({ name, onlyFull = false }) => only?.includes(name) ?? !(quick && onlyFull)),
    }))
    .filter(({ workloads }) => workloads.length > 0);
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--rounds takes a whole number from 1, not "${text}".`);
  return count;
}
