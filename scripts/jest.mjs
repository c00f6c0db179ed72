// Runs jest on the package in the working directory, with ES modules on, and leaves the results in .jest/results.json,
// or where --outputFile=... says, for runs of the same package side by side.
// Arguments go to jest: `npm test -- src/codec.test.ts -t "refuses"`.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const jest = createRequire(import.meta.url).resolve("jest/bin/jest");
const OUTPUT_FILE = "--outputFile=";
const args = process.argv.slice(2);
const outputFile = args.find((arg) => arg.startsWith(OUTPUT_FILE))?.slice(OUTPUT_FILE.length) ?? ".jest/results.json";
// A result of an earlier run must never be counted as this one's.
rmSync(outputFile, { force: true });
mkdirSync(dirname(outputFile), { recursive: true });
const child = spawn(
  process.execPath,
  [
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
    jest,
    "--runInBand",
    "--json",
    `${OUTPUT_FILE}${outputFile}`,
    ...args.filter((arg) => !arg.startsWith(OUTPUT_FILE)),
  ],
  { stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));

/** Longest time from the results until jest ends by itself, in milliseconds. */
const END_DEADLINE_MS = 60_000;

// A test that leaves a handle open must not hold up every test behind it: the results are there, so they count, and
// the package that does not come to its end is named.
let resultsAt;
setInterval(() => {
  if (resultsAt === undefined && existsSync(outputFile)) resultsAt = performance.now();
  if (resultsAt === undefined || performance.now() - resultsAt < END_DEADLINE_MS) return;
  console.error(`jest has its results and does not end: a test in ${process.cwd()} leaves something open`);
  child.kill("SIGKILL");
  process.exit(JSON.parse(readFileSync(outputFile, "utf8")).success ? 0 : 1);
}, 1_000).unref();
