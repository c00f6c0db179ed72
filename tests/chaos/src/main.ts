// npm run chaos -- [--quick] [--seed N] [scenario ...]: exits 1 if any promise was broken.
import { parseArgs } from "node:util";
import { Random } from "./random.js";
import { runScenario, type ScenarioResult } from "./run-scenario.js";
import { serverKill } from "./scenarios/server-kill.js";
import { serverPause } from "./scenarios/server-pause.js";
import { workerKill } from "./scenarios/worker-kill.js";
import { workerPause } from "./scenarios/worker-pause.js";
import { workerRestart } from "./scenarios/worker-restart.js";

const scenarios = [workerKill, workerPause, workerRestart, serverKill, serverPause];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, seed: { type: "string" } },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
const chosen = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (chosen.length === 0 || !Number.isSafeInteger(seed)) {
  console.error(`Scenarios: ${scenarios.map(({ name }) => name).join(", ")}. The seed is a whole number.`);
  process.exit(2);
}

console.log(`seed ${seed}`);
const results: ScenarioResult[] = [];
for (const scenario of chosen) {
  console.log(`\n${scenario.name}: ${scenario.sentence}`);
  const result = await runScenario(scenario, !values.quick, new Random(seed));
  results.push(result);
  console.log(JSON.stringify({ ...result.counts, faults: result.faults, recoveryMs: Math.round(result.recoveryMs) }));
  for (const { promise, ids } of result.violations) {
    console.log(`BROKEN: ${promise}${ids.length > 0 ? ` (${ids.length}, such as ${ids.slice(0, 3).join(", ")})` : ""}`);
  }
}
const broken = results.filter(({ violations }) => violations.length > 0);
console.log(`\n${results.length - broken.length} scenarios held, ${broken.length} did not`);
process.exitCode = broken.length > 0 ? 1 : 0;
