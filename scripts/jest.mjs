// Runs jest on the package in the working directory, with ES modules on, and leaves the results in .jest/results.json.
// Arguments go to jest: `npm test -- src/codec.test.ts -t "refuses"`.
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

const jest = createRequire(import.meta.url).resolve("jest/bin/jest");
const outputFile = ".jest/results.json";
// A result of an earlier run must never be counted as this one's.
rmSync(outputFile, { force: true });
mkdirSync(".jest", { recursive: true });
const child = spawn(
  process.execPath,
  [
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
    jest,
    "--runInBand",
    "--json",
    `--outputFile=${outputFile}`,
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
