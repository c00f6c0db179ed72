// npm run bench -- [suite ...] [options]: exits 1 only if a contender did not do what it claims to do, or with --gate
// if a ratio is far from its target; 2 on wrong usage.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandLine, parseCommandLine, USAGE } from "./command-line.js";
import { goals } from "./goals.js";
import { describeMachine, versionsOf } from "./machine.js";
import { PAYLOAD_BYTES } from "./payload.js";
import { type JsonReport, readJsonReport, writeJsonReport } from "./report/json-report.js";
import { CHART_FOLDER, performancePage } from "./report/performance-page.js";
import { goalLines, machineLines, ratioLines, workloadLines } from "./report/text-report.js";
import { brokenContenders, farFromTarget } from "./run/gate.js";
import { runSuite, type SuiteResult } from "./run/run-suite.js";

/** Both lie where they are seen from here, whether this file is built or not. */
const TEMPLATE = fileURLToPath(new URL("../performance.template.md", import.meta.url));
const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

let command: CommandLine;
try {
  command = parseCommandLine(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  process.exit(2);
}

if (command.list) list(command);
else await report(command.from === undefined ? await run(command) : await readJsonReport(command.from), command);

function list({ suites }: CommandLine): void {
  for (const { name, workloads } of suites) {
    print([name, ...workloads.map((workload) => `  ${workload.name}: ${workload.title}`)]);
  }
}

async function run({ suites, quick, rounds, profileFolder }: CommandLine): Promise<JsonReport> {
  const startedAt = new Date();
  const machine = describeMachine();
  const contenders = suites.flatMap(({ workloads }) => workloads.flatMap((workload) => workload.contenders));
  const versions = versionsOf(contenders.flatMap(({ packages }) => packages));
  print(machineLines(machine, quick));
  print([
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ]);
  const results: SuiteResult[] = [];
  for (const suite of suites) {
    results.push(
      await runSuite(suite, {
        quick,
        rounds,
        profileFolder,
        onServer: (description) => print([description]),
        onBegin: ({ name, title }) => console.error(`... ${name}: ${title}`),
        onResult: (result) => print(["", ...workloadLines(result)]),
      }),
    );
  }
  const durationSeconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
  const payloadBytes = PAYLOAD_BYTES;
  return {
    startedAt: startedAt.toISOString(),
    durationSeconds,
    quick,
    payloadBytes,
    machine,
    versions,
    suites: results,
  };
}

async function report(done: JsonReport, { json, docs, gate }: CommandLine): Promise<void> {
  const results = done.suites.flatMap(({ workloads }) => workloads);
  print(["", "ratios: the median of the rounds' ratios", ...ratioLines(results)]);
  print(["", "what is to be reached", ...goalLines(goals, results)]);
  print(["", `The run took ${done.durationSeconds} s.`]);
  if (json !== undefined) await writeJsonReport(json, done);
  if (docs) await writeDocs(done);
  const broken = brokenContenders(results);
  const far = gate ? farFromTarget(results) : [];
  if (broken.length > 0) console.error(`\nContenders that did not do what they claim to do:\n${broken.join("\n")}`);
  if (far.length > 0) console.error(`\nRatios far from their targets:\n${far.join("\n")}`);
  if (broken.length + far.length > 0) process.exitCode = 1;
}

async function writeDocs(done: JsonReport): Promise<void> {
  const { text, charts } = await performancePage(done, await readFile(TEMPLATE, "utf8"));
  const folder = join(DOCS, CHART_FOLDER);
  await mkdir(folder, { recursive: true });
  for (const [name, svg] of charts) await writeFile(join(folder, name), svg);
  await writeFile(join(DOCS, "performance.md"), text);
}

function print(lines: readonly string[]): void {
  console.log(lines.join("\n"));
}
