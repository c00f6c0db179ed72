import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Scenario } from "../scenario.js";

const run = promisify(execFile);
const DISK_MB = 24;

export const redisDiskFull: Scenario = {
  name: "redis-disk-full",
  sentence:
    "The disk is full, and the server refuses every write: sends settle, workers hold on to what they have, and all goes on when there is room.",
  stages: ["redis"],
  tier: "default",
  faults: 2,
  everyMs: 1_000,
  sparesWorkers: true,
  async prepare() {
    const disk = await mkdtemp(join(tmpdir(), "chicory-disk-"));
    const umount = async () => {
      await run("umount", ["--lazy", disk]).catch(() => undefined);
      await rm(disk, { recursive: true, force: true });
    };
    try {
      await run("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", disk]);
    } catch {
      await umount();
      return "a small disk needs the right to mount one";
    }
    return {
      needs: { redis: { appendonly: "everysec", config: [`dir ${disk}`, "auto-aof-rewrite-percentage 0"] } },
      async strike({ pause }) {
        const filler = join(disk, "filler");
        // Writing fails at the end of the disk, which is the point.
        await writeFile(filler, Buffer.alloc(DISK_MB * 1_048_576)).catch(() => undefined);
        await pause(4_000);
        await rm(filler, { force: true });
      },
      dispose: umount,
    };
  },
};
