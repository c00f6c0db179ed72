import { CONCURRENCY } from "../contenders/drainer.js";
import { barePayload, type MessageFormat, wholeMessage } from "../contenders/message-format.js";
import { draining, type TaskKind } from "../measures/draining.js";
import type { Comparison, Contender, RoundCount, Workload } from "../workload.js";
import { DRAIN_CLOCK } from "./drain-clock.js";
import { CHICORY_REDIS } from "./packages.js";

const CHICORY = "Chicory worker";
const LOOP = "ioredis XREADGROUP, XACK, XDEL";
const BARE = "the same with payloads alone";
const JOINED = "joined scripts, two overlapped";
const BEE_QUEUE = "bee-queue worker";
const BULLMQ = "BullMQ worker";
const GROUPMQ = "groupmq worker";

/** How a drain differs from the plain one. */
interface Variant extends TaskKind {
  readonly concurrency?: number;
  /** Tasks of one round; fewer where a contender is slow, since it is the rate that is compared. */
  readonly tasks: RoundCount;
  readonly fewerTasks: RoundCount;
}

const NOTE = `Each client fills the queue and drains it in one process. ${DRAIN_CLOCK}`;

const plain: Variant = { tasks: { quick: 100_000, full: 150_000 }, fewerTasks: { quick: 15_000, full: 25_000 } };

/** Executing tasks that do nothing, up to a hundred at once. */
export const drain: Workload = {
  name: "drain",
  title: "draining tasks that do nothing, concurrency 100",
  metric: "rate",
  unit: "tasks/s",
  note: NOTE,
  contenders: [...workers(plain), ...loops(plain)],
  comparisons: [
    { subject: { contender: CHICORY }, reference: { contender: LOOP }, target: { atLeast: 1.2 } },
    { subject: { contender: CHICORY }, reference: { contender: BARE } },
    { subject: { contender: CHICORY }, reference: { contender: JOINED }, target: { atLeast: 0.55 } },
    { subject: { contender: CHICORY }, reference: { contender: BEE_QUEUE }, target: { atLeast: 4 } },
    { subject: { contender: CHICORY }, reference: { contender: BULLMQ }, target: { atLeast: 8 } },
    { subject: { contender: CHICORY }, reference: { contender: GROUPMQ }, target: { atLeast: 8 } },
  ],
  rounds: { quick: 3, full: 5 },
  warmUps: { quick: 1, full: 1 },
};

const toWorkers = shown(BEE_QUEUE, BULLMQ, GROUPMQ);

const few: Pick<Variant, "tasks" | "fewerTasks"> = {
  tasks: { quick: 10_000, full: 15_000 },
  fewerTasks: { quick: 4_000, full: 6_000 },
};

/** The same with few at once. */
export const drainTen: Workload = {
  ...drain,
  name: "drain-10",
  title: "draining tasks that do nothing, concurrency 10",
  contenders: workers({ ...few, concurrency: 10 }),
  comparisons: toWorkers,
  rounds: { quick: 3, full: 2 },
  warmUps: { quick: 1, full: 1 },
  onlyFull: true,
};
export const drainOne: Workload = {
  ...drainTen,
  name: "drain-1",
  title: "draining tasks that do nothing, concurrency 1",
  contenders: workers({ ...few, concurrency: 1 }),
};

/** Tasks that wait for something else than the queue: what is left of the hundred slots is what the queue costs. */
export const drainWaits: Workload = {
  ...drainTen,
  name: "drain-io",
  title: "draining tasks that wait for 10 ms, concurrency 100",
  note: "A hundred slots of 10 ms each cannot do more than 10,000 tasks a second.",
  contenders: workers({
    tasks: { quick: 5_000, full: 6_000 },
    fewerTasks: { quick: 5_000, full: 6_000 },
    waitMs: 10,
  }),
};

/** Larger payloads. */
export const drainKibibyte: Workload = {
  ...drainTen,
  name: "drain-1k",
  title: "draining tasks with payloads of 1 KiB, concurrency 100",
  ...sized({
    tasks: { quick: 30_000, full: 40_000 },
    fewerTasks: { quick: 8_000, full: 10_000 },
    payloadBytes: 1_024,
  }),
};
export const drainLarge: Workload = {
  ...drainTen,
  name: "drain-16k",
  title: "draining tasks with payloads of 16 KiB, concurrency 100",
  ...sized({
    tasks: { quick: 4_000, full: 4_000 },
    fewerTasks: { quick: 4_000, full: 4_000 },
    payloadBytes: 16_384,
  }),
};

function sized(variant: Variant): Pick<Workload, "contenders" | "comparisons"> {
  return {
    contenders: [...workers(variant), ...loops(variant)],
    comparisons: [...toWorkers, ...shown(LOOP, JOINED)],
  };
}

function shown(...references: readonly string[]): readonly Comparison[] {
  return references.map((contender) => ({ subject: { contender: CHICORY }, reference: { contender } }));
}

function workers({ concurrency = CONCURRENCY, tasks, fewerTasks, ...kind }: Variant): readonly Contender[] {
  return [
    {
      name: CHICORY,
      packages: CHICORY_REDIS,
      load: async () => {
        const { openChicoryDrainer } = await import("../contenders/chicory-drainer.js");
        return draining(openChicoryDrainer(concurrency), tasks, kind);
      },
    },
    {
      name: BEE_QUEUE,
      packages: ["bee-queue"],
      load: async () => {
        const { openBeeQueueDrainer } = await import("../contenders/bee-queue-drainer.js");
        return draining(openBeeQueueDrainer(concurrency), fewerTasks, kind);
      },
    },
    {
      name: BULLMQ,
      packages: ["bullmq", "ioredis"],
      load: async () => {
        const { openBullmqDrainer } = await import("../contenders/bullmq-drainer.js");
        return draining(openBullmqDrainer(concurrency), fewerTasks, kind);
      },
    },
    {
      name: GROUPMQ,
      packages: ["groupmq", "ioredis"],
      load: async () => {
        const { openGroupmqDrainer } = await import("../contenders/groupmq-drainer.js");
        return draining(openGroupmqDrainer(concurrency), fewerTasks, kind);
      },
    },
  ];
}

/** Bare loops, which know no tasks that take time, and so no concurrency. */
function loops({ tasks, payloadBytes = 100 }: Variant): readonly Contender[] {
  const kind = { payloadBytes };
  const loadIoredis = (format: MessageFormat) => async () => {
    const { ioredisDrainer } = await import("../contenders/ioredis-drainer.js");
    return draining(ioredisDrainer(format), tasks, kind);
  };
  return [
    { name: LOOP, packages: ["ioredis"], load: loadIoredis(wholeMessage) },
    { name: BARE, packages: ["ioredis"], load: loadIoredis(barePayload) },
    {
      name: JOINED,
      packages: ["ioredis"],
      load: async () => draining((await import("../contenders/joined-drainer.js")).openJoinedDrainer, tasks, kind),
    },
  ];
}
