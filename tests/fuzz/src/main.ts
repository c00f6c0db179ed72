// npm run fuzz -- [--count N] [--seed N] [--only PART]...: exits 1 if anything became of bad input that must not.
import { parseArgs } from "node:util";
import { fuzzCodec } from "./codec.js";
import { fuzzApi } from "./fuzz-api.js";
import { fuzzBroker } from "./fuzz-broker.js";
import { RabbitmqTarget } from "./rabbitmq-target.js";
import { RedisTarget } from "./redis-target.js";
import type { FuzzOptions, Report } from "./report.js";

const PARTS: Readonly<Record<string, (options: FuzzOptions) => Report | Promise<Report>>> = {
  codec: fuzzCodec,
  redis: (options) => fuzzBroker(RedisTarget.start(), options),
  "rabbitmq-quorum": (options) => fuzzBroker(RabbitmqTarget.start("quorum"), options),
  "rabbitmq-classic": (options) => fuzzBroker(RabbitmqTarget.start("classic"), options),
  "api-redis": (options) => fuzzApi(RedisTarget.start(), options),
  "api-rabbitmq-quorum": (options) => fuzzApi(RabbitmqTarget.start("quorum"), options),
  "api-rabbitmq-classic": (options) => fuzzApi(RabbitmqTarget.start("classic"), options),
};

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string" },
    only: { type: "string", multiple: true, default: Object.keys(PARTS) },
  },
});
const count = Number(values.count);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
const unknown = values.only.filter((part) => !Object.hasOwn(PARTS, part));
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed) || unknown.length > 0) {
  console.error(`Parts: ${Object.keys(PARTS).join(", ")}. Count and seed are whole numbers.`);
  process.exit(2);
}

console.log(`seed ${seed}, ${count} cases of each part`);
let failed = false;
for (const part of values.only) {
  const began = performance.now();
  const report = await PARTS[part]?.({ count, seed });
  if (report === undefined) continue;
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${part}: ${report.cases} cases in ${seconds} s ${JSON.stringify(report.outcomes)}`);
  for (const problem of report.problems) console.log(`PROBLEM ${problem}`);
  failed ||= report.problems.length > 0;
}
process.exitCode = failed ? 1 : 0;
