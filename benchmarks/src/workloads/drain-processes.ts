import type { OpenProducer } from "../contenders/producer.js";
import type { WorkerKind } from "../measures/measured-worker.js";
import type { Contender, RoundCount, Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

const TASKS: RoundCount = { quick: 20_000, full: 200_000 };
const FEWER_TASKS: RoundCount = { quick: 4_000, full: 40_000 };

/** Workers in processes of their own. */
export const drainProcesses: Workload = {
  name: "drain-processes",
  title: "draining tasks that do nothing by several processes, concurrency 100 each",
  metric: "rate",
  unit: "tasks/s",
  note: "The clock runs from the start of the workers, whose processes are there and connected, to the last task. The server needs a core as well.",
  contenders: [chicory(1), chicory(2), bullmq(1), bullmq(2)],
  comparisons: [
    { subject: { contender: "Chicory, 2 processes" }, reference: { contender: "Chicory, 1 process" } },
    { subject: { contender: "Chicory, 1 process" }, reference: { contender: "BullMQ, 1 process" } },
    { subject: { contender: "Chicory, 2 processes" }, reference: { contender: "BullMQ, 2 processes" } },
  ],
  rounds: { quick: 1, full: 2 },
  // Each round starts processes of its own: there is nothing to warm up.
  warmUps: { quick: 0, full: 0 },
  onlyFull: true,
};

function chicory(processes: number): Contender {
  const open = async () => (await import("../contenders/chicory-producer.js")).openChicoryProducer;
  return contender(`Chicory, ${counted(processes)}`, CHICORY_REDIS, { kind: "chicory", processes, open, tasks: TASKS });
}

function bullmq(processes: number): Contender {
  const open = async () => (await import("../contenders/bullmq-producer.js")).openBullmqProducer;
  const fleet = { kind: "bullmq", processes, open, tasks: FEWER_TASKS } as const;
  return contender(`BullMQ, ${counted(processes)}`, ["bullmq", "ioredis"], fleet);
}

interface Fleet {
  readonly kind: WorkerKind;
  readonly processes: number;
  readonly open: () => Promise<OpenProducer>;
  readonly tasks: RoundCount;
}

function contender(name: string, packages: readonly string[], { kind, processes, open, tasks }: Fleet): Contender {
  return {
    name,
    packages,
    load: async () => {
      const measures = await import("../measures/processes.js");
      return measures.processes({ kind, processes, producer: await open() }, tasks);
    },
  };
}

function counted(processes: number): string {
  return processes === 1 ? "1 process" : `${processes} processes`;
}
