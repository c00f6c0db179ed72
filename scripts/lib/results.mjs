import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packages, readJson } from "./workspace.mjs";

/** Of a failure's message, enough to see what happened; the whole of it stands above, where jest printed it. */
const MESSAGE_LINES = 20;

// An example is tested as its users test it; the whole-system tests run that, and count it.
const tested = () => packages().filter(({ manifest }) => manifest.scripts?.test?.includes("jest"));
const resultsOf = ({ path }) => join(path, ".jest", "results.json");

/** Removes every result of an earlier run, so that none can be counted as this one's. */
export function clearResults() {
  for (const one of tested()) rmSync(resultsOf(one), { force: true });
}

/**
 * What jest wrote for every package with a test script: `{ name, passed, failed, skipped, failures }`, where a failure
 * is a name and a message. A suite that did not run, a package without results and one without tests each count as one
 * failure: none of them may look like success.
 */
export function collectResults() {
  return tested().map((one) => {
    const name = one.manifest.name;
    const file = resultsOf(one);
    if (!existsSync(file)) return broken(name, "left no results: its tests did not run, or not to their end");
    const json = readJson(file);
    const failures = json.testResults.flatMap(failuresOf);
    if (json.numTotalTests === 0 && failures.length === 0) return broken(name, "has no tests");
    if (!json.success && failures.length === 0) failures.push({ name, message: "jest reported a failure of the run" });
    const skipped = json.numPendingTests + json.numTodoTests;
    return { name, passed: json.numPassedTests, failed: failures.length, skipped, failures };
  });
}

/** The closing line: "12 passed, 0 failed", with ", 3 skipped" behind it if there were any. */
export function totalLine(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const skipped = sum("skipped");
  return `${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function broken(name, message) {
  return { name, passed: 0, failed: 1, skipped: 0, failures: [{ name, message }] };
}

/** Each failed test of one file, or the file itself if it could not be run: a name and a message. */
export function failuresOf(suite) {
  const failed = suite.assertionResults.filter(({ status }) => status === "failed");
  if (failed.length === 0 && suite.status === "failed") return [{ name: suite.name, message: shorten(suite.message) }];
  return failed.map((test) => ({ name: test.fullName, message: shorten(test.failureMessages.join("\n")) }));
}

function shorten(message) {
  const lines = message.trimEnd().split("\n");
  return lines.length > MESSAGE_LINES ? [...lines.slice(0, MESSAGE_LINES), "..."].join("\n") : lines.join("\n");
}
