// npm run chaos: plays fault scenarios, and says what they broke. What it takes is in USAGE.
// Exits 1 if a promise was broken (or, with a defect, was kept), and 2 if the arguments make no sense.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { check } from "./checker.js";
import { type PlannedRun, plan } from "./plan.js";
import { readHistory } from "./read-history.js";
import { describeViolations, type RunRecord, textTable, writeToPage } from "./report.js";
import { type RunResult, runScenario, type SkippedRun, TERMS_FILE } from "./run-scenario.js";
import { FACTORS, type Tier, tierOf } from "./scenario.js";
import type { Defect } from "./seeded/defect.js";
import { soakRuns } from "./soak.js";

const USAGE = `npm run chaos -- [--quick | --all] [--only NAME]... [--stage NAME]... [--seed N] [--keep] [--json FILE]
                 [--report PAGE [--place NAME]]
npm run chaos -- --list           what that would play
npm run chaos -- --soak MINUTES [--stage NAME] [--seed N]
                                  one long run with a random fault every few seconds
npm run chaos -- --report PAGE --from FILE [--place NAME]
                                  puts the run that --json kept into a page, or into its place of a name
npm run chaos -- --check FOLDER   holds the history that a run left in a folder against its terms once more
npm run chaos -- --seeded DEFECT [--only NAME]... [--stage NAME]...
                                  gives every worker's driver a defect that has to be noticed`;

const values = options();
const tier: Tier = values.quick ? "quick" : values.all ? "all" : "default";
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
const runs = wanted();
const seeded = await seededDefect();

if (values.check !== undefined) {
  const terms = JSON.parse(readFileSync(join(values.check, TERMS_FILE), "utf8"));
  const verdict = check(readHistory(values.check), terms);
  console.log(JSON.stringify(verdict.counts));
  if (verdict.violations.length > 0) console.log(describeViolations({ ...verdict, artifacts: values.check }));
  process.exitCode = verdict.violations.length > 0 ? 1 : 0;
} else if (values.from !== undefined) {
  if (values.report === undefined) throw new Error("--from takes a run for a page: name it with --report.");
  writeToPage(values.report, JSON.parse(readFileSync(values.from, "utf8")), values.place);
} else if (values.list) {
  for (const { scenario, stage } of runs) {
    console.log(`${scenario.name} on ${stage} (${tierOf(scenario, stage)}): ${scenario.sentence}`);
  }
} else {
  console.log(`${runs.length} runs, seed ${seed}`);
  const results: (RunResult | SkippedRun)[] = [];
  for (const { scenario, stage } of runs) {
    console.log(`\n${scenario.name} on ${stage}: ${scenario.sentence}`);
    const result = await runScenario(scenario, {
      stage,
      seed,
      factor: FACTORS[tier],
      keep: values.keep,
      seeded: seeded?.name,
    });
    results.push(result);
    console.log(textTable([result]).split("\n").at(-1));
    if ("skipped" in result) {
      if (result.failed) console.log(result.skipped);
      continue;
    }
    const { lateness } = result.counts;
    if (lateness !== undefined) {
      console.log(
        `delayed tasks started ${lateness.medianMs} ms after their time, 99 in 100 within ${lateness.p99Ms} ms`,
      );
    }
    for (const line of result.notes) console.log(line);
    for (const { promise, ids, allowedBecause } of result.allowed) {
      console.log(`accepted, since ${allowedBecause}: ${promise} (${ids.length})`);
    }
    if (result.violations.length > 0) console.log(describeViolations(result));
    else if (result.artifacts !== undefined) console.log(`Histories and logs: ${result.artifacts}`);
  }
  if (seeded !== undefined) {
    const caught = results.filter(
      (result) => "violations" in result && result.violations.some(({ rule }) => rule === seeded.caughtBy),
    );
    console.log(
      `\nA system that ${seeded.sentence} was noticed by ${seeded.caughtBy} in ${caught.length} of ${results.length} runs`,
    );
    process.exit(caught.length === results.length ? 0 : 1);
  }
  const broken = results.filter((result) => ("skipped" in result ? result.failed : result.violations.length > 0));
  const versions = [...new Set(results.flatMap((result) => ("version" in result ? result.version : [])))];
  console.log(`\n${textTable(results)}\n`);
  console.log(`seed ${seed}; Node ${process.versions.node}, ${versions.join(", ")}`);
  console.log(`${results.length - broken.length} runs held, ${broken.length} did not`);
  const record: RunRecord = {
    command: commandLine(),
    date: new Date().toISOString().slice(0, 10),
    seed,
    node: process.versions.node,
    versions,
    minutes: performance.now() / 60_000,
    results,
  };
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(record, undefined, 2));
  if (values.report !== undefined) writeToPage(values.report, record, values.place);
  process.exitCode = broken.length > 0 ? 1 : 0;
}

function options() {
  try {
    const { values: given } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        all: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        stage: { type: "string", multiple: true, default: [] },
        seed: { type: "string" },
        json: { type: "string" },
        report: { type: "string" },
        place: { type: "string" },
        from: { type: "string" },
        keep: { type: "boolean", default: false },
        soak: { type: "string" },
        check: { type: "string" },
        seeded: { type: "string" },
        list: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (!given.help) return given;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** What was typed, without the files of this machine. */
function commandLine(): string {
  const args = process.argv.slice(2).join(" ");
  return `npm run chaos -- ${args.replaceAll(/--(report|json|place) \S+/g, "")}`
    .replaceAll(/ +/g, " ")
    .replace(/( --)? *$/, "");
}

async function seededDefect(): Promise<Defect | undefined> {
  if (values.seeded === undefined) return undefined;
  const { defectOfAnyDriver } = await import("./seeded/defects.js");
  try {
    return defectOfAnyDriver(values.seeded);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

function wanted(): readonly PlannedRun[] {
  try {
    if (!Number.isSafeInteger(seed)) throw new Error("The seed is a whole number.");
    if (values.soak !== undefined) return soakRuns(Number(values.soak), values.stage);
    const found = plan({ tier, only: values.only, stages: values.stage });
    if (found.length === 0) throw new Error("No scenario is played there; --list tells which are where.");
    return found;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}
