import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onceARun } from "./once-a-run.js";

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
 * Every public package, built and packed. That happens once in a run of the tests. The folder stays until the next
 * run.
 */
export async function packedPackages(): Promise<readonly PackedPackage[]> {
  const folder = await onceARun({ base: cache, make: pack, deadlineMs: PACK_DEADLINE_MS });
  return JSON.parse(await readFile(join(folder, "packages.json"), "utf8")) as readonly PackedPackage[];
}

async function pack(folder: string): Promise<void> {
  const args = ["scripts/pack.mjs", folder];
  await promisify(execFile)(process.execPath, args, { cwd: root, timeout: PACK_DEADLINE_MS });
}
