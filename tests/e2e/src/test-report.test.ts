import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

const scripts = fileURLToPath(new URL("../../../scripts", import.meta.url));
const SHOW = 'import("./scripts/lib/report.mjs").then(({ report }) => process.exit(report() ? 0 : 1))';
const ALL_WELL = { success: true, numTotalTests: 2, numPassedTests: 2, numPendingTests: 0, numTodoTests: 0 };

describe("the report of npm test", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "chicory-report-"));
    await cp(scripts, join(root, "scripts"), { recursive: true });
    await writeFile(join(root, "pnpm-workspace.yaml"), "packages:\n  - packages/*\n");
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  async function addPackage(name: string, results?: object, manifest: object = { scripts: { test: "jest" } }) {
    const folder = join(root, "packages", name);
    await mkdir(join(folder, ".jest"), { recursive: true });
    await writeFile(join(folder, "package.json"), JSON.stringify({ name, ...manifest }));
    if (results) {
      await writeFile(join(folder, ".jest", "results.json"), JSON.stringify({ testResults: [], ...results }));
    }
  }

  async function show() {
    const run = promisify(execFile)(process.execPath, ["-e", SHOW], { cwd: root });
    const { stdout, status } = await run.then(
      (done) => ({ stdout: done.stdout, status: 0 }),
      (error: { stdout: string; code: number }) => ({ stdout: error.stdout, status: error.code }),
    );
    return { stdout, status, last: stdout.trimEnd().split("\n").at(-1) };
  }

  it("adds up what passed, with the total alone on the last line", async () => {
    await addPackage("one", ALL_WELL);
    await addPackage("two", ALL_WELL);
    expect(await show()).toMatchObject({ last: "4 passed, 0 failed", status: 0 });
  });

  it("names the tests that failed, with their messages", async () => {
    const assertionResults = [
      { status: "failed", fullName: "a queue is empty", failureMessages: ["expected 0, received 1"] },
      { status: "passed", fullName: "a queue exists", failureMessages: [] },
    ];
    const testResults = [{ name: "queue.test.ts", status: "failed", message: "", assertionResults }];
    await addPackage("one", { ...ALL_WELL, success: false, numPassedTests: 1, testResults });
    const { stdout, last, status } = await show();
    expect(stdout).toContain("a queue is empty");
    expect(stdout).toContain("expected 0, received 1");
    expect({ last, status }).toEqual({ last: "1 passed, 1 failed", status: 1 });
  });

  it("counts a suite that did not run as a failure", async () => {
    const testResults = [{ name: "b.test.ts", status: "failed", message: "Cannot find module", assertionResults: [] }];
    await addPackage("one", { ...ALL_WELL, success: false, testResults });
    const { stdout, last, status } = await show();
    expect(stdout).toContain("Cannot find module");
    expect({ last, status }).toEqual({ last: "2 passed, 1 failed", status: 1 });
  });

  it("counts a package without results as a failure", async () => {
    await addPackage("one", ALL_WELL);
    await addPackage("two");
    expect(await show()).toMatchObject({ last: "2 passed, 1 failed", status: 1 });
  });

  it("counts a package whose run held no test as a failure", async () => {
    await addPackage("one", { ...ALL_WELL, numTotalTests: 0, numPassedTests: 0 });
    expect(await show()).toMatchObject({ last: "0 passed, 1 failed", status: 1 });
  });

  it("believes jest when it reports a failure that no test tells of", async () => {
    await addPackage("one", { ...ALL_WELL, success: false });
    expect(await show()).toMatchObject({ last: "2 passed, 1 failed", status: 1 });
  });

  it("mentions skipped tests only if there are any", async () => {
    await addPackage("one", { ...ALL_WELL, numPendingTests: 1, numTodoTests: 2 });
    expect(await show()).toMatchObject({ last: "2 passed, 0 failed, 3 skipped", status: 0 });
  });

  it("asks nothing of a package without tests, and fails where there is no test at all", async () => {
    await addPackage("one", undefined, {});
    expect(await show()).toMatchObject({ last: "0 passed, 0 failed", status: 1 });
  });
});
