// npm run bench -- [suite ...] [options]: exits 1 only if a contender did not do what it claims to do, 2 on wrong usage.
import { type CommandLine, parseCommandLine, USAGE } from "./command-line.js";
import { describeMachine, versionsOf } from "./machine.js";
import { PAYLOAD_BYTES } from "./payload.js";
import { writeJsonReport } from "./report/json-report.js";
import { machineLines, ratioLines, workloadLines } from "./report/text-report.js";
import { runSuite, type SuiteResult } from "./run/run-suite.js";

let command: CommandLine;
try {
  command = parseCommandLine(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  process.exit(2);
}

const { quick, only, json, profileFolder } = command;
const startedAt = new Date().toISOString();
const machine = describeMachine();
const contenders = command.suites.flatMap(({ workloads }) => workloads.flatMap((workload) => workload.contenders));
const versions = versionsOf(contenders.flatMap(({ packages }) => packages));
print(machineLines(machine, quick));
print([
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", "),
]);

const results: SuiteResult[] = [];
for (const suite of command.suites) {
  results.push(
    await runSuite(suite, {
      quick,
      only,
      profileFolder,
      onServer: (description) => print([description]),
      onBegin: ({ title }) => console.error(`... ${title}`),
      onResult: (result) => print(["", ...workloadLines(result)]),
    }),
  );
}

const workloads = results.flatMap((result) => result.workloads);
print(["", "ratios: the median of the rounds' ratios", ...ratioLines(workloads)]);
if (json !== undefined) {
  await writeJsonReport(json, { startedAt, quick, payloadBytes: PAYLOAD_BYTES, machine, versions, suites: results });
}
const broken = workloads.flatMap((result) => result.contenders).filter((contender) => contender.broken !== undefined);
if (broken.length > 0) {
  console.error(`\nBroken contenders, which did not do what they claim to do: ${broken.length}`);
  process.exitCode = 1;
}

function print(lines: readonly string[]): void {
  console.log(lines.join("\n"));
}
