import type { OpenDrainer } from "../contenders/drainer.js";
import type { Contender, RoundCount, Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

const TASKS: RoundCount = { quick: 20_000, full: 100_000 };
const FEWER_TASKS: RoundCount = { quick: 5_000, full: 20_000 };

const CHICORY = "Chicory";

/** What a task costs from its send to its settlement. */
export const cost: Workload = {
  name: "cost",
  title: "processor time of client and server for 100,000 tasks, sent in batches of 1,000 and drained",
  metric: "seconds",
  unit: "CPU s",
  columns: [
    { metric: "client", head: "client" },
    { metric: "server", head: "server" },
    { metric: "commands", head: "commands a task" },
    { metric: "bytes", head: "bytes a task" },
  ],
  note: "Commands are counted by the server, those that a script calls included; bytes go in and out of it.",
  contenders: [
    contender(CHICORY, CHICORY_REDIS, TASKS, async () => {
      return (await import("../contenders/chicory-drainer.js")).openChicoryDrainer();
    }),
    contender("bee-queue", ["bee-queue"], FEWER_TASKS, async () => {
      return (await import("../contenders/bee-queue-drainer.js")).openBeeQueueDrainer();
    }),
    contender("BullMQ", ["bullmq"], FEWER_TASKS, async () => {
      return (await import("../contenders/bullmq-drainer.js")).openBullmqDrainer();
    }),
    contender("groupmq", ["groupmq"], FEWER_TASKS, async () => {
      return (await import("../contenders/groupmq-drainer.js")).openGroupmqDrainer();
    }),
  ],
  comparisons: ["bee-queue", "BullMQ", "groupmq"].map((reference) => ({
    subject: { contender: CHICORY },
    reference: { contender: reference },
  })),
  rounds: { quick: 3, full: 2 },
  warmUps: { quick: 1, full: 1 },
  onlyFull: true,
};

function contender(
  name: string,
  packages: readonly string[],
  tasks: RoundCount,
  open: () => Promise<OpenDrainer>,
): Contender {
  return {
    name,
    packages,
    load: async () => (await import("../measures/whole-life.js")).wholeLife(await open(), tasks),
  };
}
