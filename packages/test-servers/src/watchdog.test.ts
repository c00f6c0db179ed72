import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "./eventually.js";

const packageFolder = fileURLToPath(new URL("../", import.meta.url));
const built = join(packageFolder, ".jest", "forgetful-parent");
const tsup = join(packageFolder, "../../node_modules/.bin/tsup");

interface Report {
  /** Undefined when the server runs in Docker, which has a reaper of its own. */
  readonly pid?: number;
  readonly caFile: string;
}

describe("a server whose test process forgets it", () => {
  let parent: ChildProcess;

  beforeAll(async () => {
    const options = ["--no-config", "--format", "esm", "--target", "node20", "--out-dir", built, "--silent"];
    await promisify(execFile)(tsup, ["test/forgetful-parent.ts", ...options], { cwd: packageFolder });
  });

  afterAll(async () => {
    await rm(built, { recursive: true, force: true });
  });

  afterEach(() => {
    parent.kill("SIGKILL");
  });

  async function startParent(...args: string[]): Promise<Report> {
    parent = spawn(process.execPath, [join(built, "forgetful-parent.js"), ...args], { stdio: ["ignore", "pipe", 2] });
    const [line] = await once(parent.stdout as NodeJS.ReadableStream, "data");
    return JSON.parse(String(line)) as Report;
  }

  const isGone = ({ pid, caFile }: Report) =>
    eventually(() => pid === undefined || !(existsSync(`/proc/${pid}`) || existsSync(caFile)), {
      what: "the server and its folder to be gone",
    });

  it("goes with its folder when that process is killed with SIGKILL", async () => {
    const report = await startParent("--stay");
    expect(existsSync(report.caFile)).toBe(true);
    parent.kill("SIGKILL");
    await isGone(report);
  });

  it("goes when that process ends by itself, which it does not keep from ending", async () => {
    const report = await startParent();
    if (parent.exitCode === null) await once(parent, "exit");
    expect(parent.exitCode).toBe(0);
    await isGone(report);
  });
});
