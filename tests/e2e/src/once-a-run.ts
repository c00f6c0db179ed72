import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@chicory/test-servers";

/** Written last by whoever makes the folder, so that its presence means that all is there. */
const MARKER = ".complete";

/** What {@link onceARun} makes, and where. */
export interface OnceARunOptions {
  /** The folder that holds one folder for each run; what earlier runs left in it goes. */
  readonly base: string;
  /** Fills the folder. */
  readonly make: (folder: string) => Promise<void>;
  /** How long the others wait for it, in milliseconds. */
  readonly deadlineMs: number;
}

/**
 * The folder that `make` filled, which happens once in a run of the tests: the first caller does it, in whichever
 * test file, and the others wait for it.
 */
export async function onceARun({ base, make, deadlineMs }: OnceARunOptions): Promise<string> {
  const folder = join(base, String(process.pid));
  if (await claim(base, folder)) await fill(folder, make);
  await eventually(() => existsSync(join(folder, MARKER)), { what: `${folder} to be filled`, deadlineMs });
  return folder;
}

/** True for the one caller in this process that made the folder. */
async function claim(base: string, folder: string): Promise<boolean> {
  await mkdir(base, { recursive: true });
  for (const name of await readdir(base)) {
    if (!isRunning(Number(name))) await rm(join(base, name), { recursive: true, force: true });
  }
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function fill(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
  try {
    await make(folder);
    await writeFile(join(folder, MARKER), "");
  } catch (error) {
    // Else the next caller would wait for what nobody makes.
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
