import type { Scenario } from "../scenario.js";
import { mountSmallDisk } from "../stages/small-disk.js";

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
    const disk = await mountSmallDisk(DISK_MB);
    if (typeof disk === "string") return disk;
    return {
      needs: { redis: { appendonly: "everysec", config: [`dir ${disk.folder}`, "auto-aof-rewrite-percentage 0"] } },
      async strike({ pause }) {
        await disk.fill(DISK_MB);
        await pause(4_000);
        await disk.clear();
      },
      dispose: () => disk.dispose(),
    };
  },
};
