import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { eventually } from "@chicory/test-servers";

/** Building and packing takes seconds, or a minute where nothing is built yet and the machine is busy. */
const PACK_DEADLINE_MS = 300_000;
const root = fileURLToPath(new URL("../../../", import.meta.url));
const cache = fileURLToPath(new URL("../.jest/packed/", import.meta.url));

/** A public package as a user would download it. */
export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  /** The path of the .tgz file; `npm install <tarball>` takes it. */
  readonly tarball: string;
}

/**
 * Every public package, built and packed. That happens once in a run of the tests: the first caller does it, in
 * whichever test file, and the others wait for it. The folder stays until the next run.
 */
export async function packedPackages(): Promise<readonly PackedPackage[]> {
  const folder = join(cache, String(process.pid));
  const list = join(folder, "packages.json");
  if (await claim(folder)) await pack(folder);
  // The script writes the list last, so that its presence means that all is there.
  await eventually(() => existsSync(list), { what: "the packages to be packed", deadlineMs: PACK_DEADLINE_MS });
  return JSON.parse(await readFile(list, "utf8")) as readonly PackedPackage[];
}

/** True for the one caller in this process that made the folder; what earlier processes left goes. */
async function claim(folder: string): Promise<boolean> {
  await mkdir(cache, { recursive: true });
  try {
    await mkdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
  for (const name of await readdir(cache)) {
    if (!isRunning(Number(name))) await rm(join(cache, name), { recursive: true, force: true });
  }
  return true;
}

async function pack(folder: string): Promise<void> {
  try {
    const args = ["scripts/pack.mjs", folder];
    await promisify(execFile)(process.execPath, args, { cwd: root, timeout: PACK_DEADLINE_MS });
  } catch (error) {
    // Else the next caller would wait for a list that nobody writes.
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
