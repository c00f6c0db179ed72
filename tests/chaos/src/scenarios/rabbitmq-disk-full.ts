import { statfs } from "node:fs/promises";
import { eventually } from "@chicory/test-servers";
import { PUBLISH_TIMEOUT_MS } from "../load/load.js";
import type { Scenario } from "../scenario.js";
import { mountSmallDisk } from "../stages/small-disk.js";
import { rabbitmqOf } from "../stages/stage-of.js";

/** Room for a node and its logs, the space that it wants to see free, and what the fault leaves of it. */
const [DISK_MB, FREE_LIMIT_MB, LEFT_MB] = [384, 96, 32];
const MEGABYTE = 1_048_576;
/** The node looks at its disk every ten seconds, and more often when it is near the limit. */
const NOTICE_LIMIT_MS = 30_000;

export const rabbitmqDiskFull: Scenario = {
  name: "rabbitmq-disk-full",
  sentence:
    "The disk runs full to below what the node keeps free: sends settle in time, workers go on, and so do sends when there is room.",
  stages: ["rabbitmq"],
  tier: "all",
  faults: 1,
  everyMs: 1_000,
  sparesWorkers: true,
  async prepare() {
    const disk = await mountSmallDisk(DISK_MB);
    if (typeof disk === "string") return disk;
    return {
      needs: {
        rabbitmqDataFolder: disk.folder,
        rabbitmqConfig: [`disk_free_limit.absolute = ${FREE_LIMIT_MB}MB`, `raft.wal_max_size_bytes = ${16 * MEGABYTE}`],
      },
      async strike({ stage, pause }) {
        const { server } = rabbitmqOf(stage);
        const alarms = async () => (await server.ctl("eval", "length(rabbit_alarm:get_alarms()).")).trim();
        const { bavail, bsize } = await statfs(disk.folder);
        await disk.fill(Math.floor((bavail * bsize) / MEGABYTE) - LEFT_MB);
        await eventually(async () => (await alarms()) !== "0", {
          what: "the node to miss room on its disk",
          deadlineMs: NOTICE_LIMIT_MS,
        });
        await pause(PUBLISH_TIMEOUT_MS + 2_000);
        await disk.clear();
        await eventually(async () => (await alarms()) === "0", {
          what: "the node to see room on its disk",
          deadlineMs: NOTICE_LIMIT_MS,
        });
      },
      dispose: () => disk.dispose(),
    };
  },
};
