import { existsSync, rmSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { capture } from "../lib/command.mjs";
import { failuresOf } from "../lib/results.mjs";
import { packages, readJson, root } from "../lib/workspace.mjs";

/** Longest time of one package's tests, in milliseconds; they take some minutes. */
const DEADLINE_MS = 2_700_000;

/**
 * Runs tests of one package, those whose path in it contains one of the patterns:
 * `{ passed, failed, failures, skipped }`, where a failure is a name and a message, and `skipped` has names. Tests that
 * did not come to their end are a failure.
 */
export async function runSuite({ title, path, patterns, env = {}, node = process.execPath }) {
  const file = join(path, ".jest", "matrix", `${title.replaceAll(/[^\w.]+/g, "-")}.json`);
  rmSync(file, { force: true });
  // The checkout may lie in a folder that is called src or test itself.
  const mine = patterns.map((pattern) => `${basename(path)}${pattern}`);
  const { stderr } = await capture(node, [join(root, "scripts", "jest.mjs"), `--outputFile=${file}`, ...mine], {
    cwd: path,
    env: { ...process.env, ...env },
    timeoutMs: DEADLINE_MS,
  });
  if (!existsSync(file)) {
    const message = stderr.trim().split("\n").slice(-20).join("\n");
    return { passed: 0, failed: 1, failures: [{ name: "the tests did not come to their end", message }], skipped: [] };
  }
  const results = readJson(file);
  const failures = results.testResults.flatMap(failuresOf);
  const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
  const skipped = tests.filter(({ status }) => status === "pending").map(({ fullName }) => fullName);
  return { passed: results.numPassedTests, failed: failures.length, failures, skipped };
}

/** Several results as one. */
export function sumOf(results) {
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
    failures: results.flatMap(({ failures }) => failures),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

/** The folder of a broker's driver. */
export const driverFolder = (broker) => join(root, "packages", `broker-${broker}`);

/** The folders of the packages that have unit tests: beside their sources, and without servers. */
export function unitFolders() {
  const tested = packages().filter(({ folder }) => /^packages[\\/](?!test-servers$)/.test(folder));
  return tested.map(({ path }) => path);
}

/** The environment in which programs that a test starts run on this release of Node too. */
export const environmentOf = ({ folder }) => ({ PATH: `${folder}${delimiter}${process.env.PATH ?? ""}` });
