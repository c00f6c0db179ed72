import type { Scenario } from "../scenario.js";
import { rabbitmqOf } from "../stages/stage-of.js";

export const rabbitmqAlarm: Scenario = {
  name: "rabbitmq-alarm",
  sentence:
    "The memory alarm and the disk alarm block publishers: sends settle in time, workers go on, and so do sends when it ends.",
  stages: ["rabbitmq"],
  tier: "default",
  faults: 2,
  everyMs: 800,
  sparesWorkers: true,
  soak: true,
  async strike({ stage, round, pause }) {
    const { server } = rabbitmqOf(stage);
    if (round % 2 === 0) await server.ctl("set_vm_memory_high_watermark", "absolute", "1000000");
    else await server.ctl("set_disk_free_limit", "1000000000000000");
    await pause(4_000);
    await server.ctl("set_vm_memory_high_watermark", "0.9");
    await server.ctl("set_disk_free_limit", "1000000");
  },
};
