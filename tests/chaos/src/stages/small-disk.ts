import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const MEGABYTE = 1_048_576;
const run = promisify(execFile);

/** A disk of some megabytes, in memory, that can be filled. Whoever mounts it disposes of it. */
export interface SmallDisk {
  readonly folder: string;
  /** Writes so many megabytes, or as many as there is room for. */
  fill(megabytes: number): Promise<void>;
  /** Removes what filled it. */
  clear(): Promise<void>;
  dispose(): Promise<void>;
}

/** Mounts a small disk. Resolves with the reason where this machine or this user cannot. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | string> {
  const folder = await mkdtemp(join(tmpdir(), "chicory-disk-"));
  const dispose = async () => {
    await run("umount", ["--lazy", folder]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  } catch {
    await dispose();
    return "a small disk needs the right to mount one";
  }
  const filler = join(folder, "filler");
  return {
    folder,
    // Writing may fail at the end of the disk, which is the point.
    fill: (size) => writeFile(filler, Buffer.alloc(size * MEGABYTE)).catch(() => undefined),
    clear: () => rm(filler, { force: true }),
    dispose,
  };
}
