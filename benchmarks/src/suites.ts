import type { Workload } from "./workload.js";
import { cost } from "./workloads/cost.js";
import { delayedAtOnce, delayedSpread, rabbitmqDelayed } from "./workloads/delayed.js";
import { drain, drainKibibyte, drainLarge, drainOne, drainTen, drainWaits } from "./workloads/drain.js";
import { drainProcesses } from "./workloads/drain-processes.js";
import { drainWaiting } from "./workloads/drain-waiting.js";
import { embeddedDrain } from "./workloads/embedded-drain.js";
import { failingTasks, rabbitmqFailing } from "./workloads/failing.js";
import { latency, latencyLoaded, rabbitmqLatency, rabbitmqLatencyLoaded } from "./workloads/latency.js";
import { manyConsumers, manyQueues } from "./workloads/many-queues.js";
import { prioritized } from "./workloads/priorities.js";
import { rabbitmqDrain, rabbitmqDrainLarge, rabbitmqDrainOne, rabbitmqDrainTen } from "./workloads/rabbitmq-drain.js";
import {
  rabbitmqSend,
  rabbitmqSendBatches,
  rabbitmqSendLarge,
  rabbitmqSendThousand,
} from "./workloads/rabbitmq-send.js";
import { sendBatches, sendBatchesKibibyte, sendBatchesLarge } from "./workloads/send-batches.js";
import { sendConcurrently, sendKibibyte, sendLarge, sendThousand } from "./workloads/send-concurrently.js";
import { sendOneByOne } from "./workloads/send-one-by-one.js";
import { serverMemoryWorkload } from "./workloads/server-memory.js";
import { startUpWorkload } from "./workloads/start-up.js";
import { waitingMemory } from "./workloads/waiting-memory.js";
import { workerMemoryWorkload } from "./workloads/worker-memory.js";

/** What is measured on one kind of server. */
export interface Suite {
  /** Name on the command line. */
  readonly name: string;
  /** The server that the suite needs, started by the runner. */
  readonly server: "redis" | "rabbitmq" | undefined;
  readonly workloads: readonly Workload[];
}

/** Every suite, in the order in which they run. */
export const suites: readonly Suite[] = [
  {
    name: "redis",
    server: "redis",
    workloads: [
      sendBatches,
      sendBatchesKibibyte,
      sendBatchesLarge,
      sendConcurrently,
      sendThousand,
      sendKibibyte,
      sendLarge,
      sendOneByOne,
      drain,
      drainTen,
      drainOne,
      drainWaits,
      drainKibibyte,
      drainLarge,
      drainProcesses,
      latency,
      latencyLoaded,
      delayedSpread,
      delayedAtOnce,
      failingTasks,
      prioritized,
      drainWaiting,
      manyQueues,
      manyConsumers,
      waitingMemory,
      workerMemoryWorkload,
      serverMemoryWorkload,
      cost,
      startUpWorkload,
    ],
  },
  {
    name: "rabbitmq",
    server: "rabbitmq",
    workloads: [
      rabbitmqSend,
      rabbitmqSendThousand,
      rabbitmqSendBatches,
      rabbitmqSendLarge,
      rabbitmqDrain,
      rabbitmqDrainTen,
      rabbitmqDrainOne,
      rabbitmqDrainLarge,
      rabbitmqLatency,
      rabbitmqLatencyLoaded,
      rabbitmqDelayed,
      rabbitmqFailing,
    ],
  },
  { name: "memory", server: undefined, workloads: [embeddedDrain] },
];

/** A contender by the names of its workload and of itself. Throws if there is none. */
export function findContender(workloadName: string, contenderName: string): Workload["contenders"][number] {
  const workload = suites.flatMap(({ workloads }) => workloads).find(({ name }) => name === workloadName);
  const contender = workload?.contenders.find(({ name }) => name === contenderName);
  if (contender === undefined) throw new Error(`The workload "${workloadName}" has no contender "${contenderName}"`);
  return contender;
}
