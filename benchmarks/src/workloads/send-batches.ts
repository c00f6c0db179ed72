import { barePayload, type MessageFormat, wholeMessage } from "../contenders/message-format.js";
import { type SendingPattern, sending } from "../measures/sending.js";
import type { Contender, Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

const CHICORY = "Chicory sendMany";
const PIPELINE = "ioredis pipeline of XADD";
const BARE = "the same with payloads alone";
const LUA = "Lua loop of prepared strings";
const BEE_QUEUE = "bee-queue saveAll";
const BULLMQ = "BullMQ addBulk";

/** Batches, one after another. */
export const sendBatches: Workload = {
  name: "send-batches",
  title: "sending batches of 1,000, one after another",
  metric: "rate",
  unit: "messages/s",
  contenders: contendersOf({ inFlight: 1, batch: 1_000 }),
  comparisons: [
    { subject: { contender: CHICORY }, reference: { contender: PIPELINE }, target: { atLeast: 2 } },
    { subject: { contender: CHICORY }, reference: { contender: BARE } },
    { subject: { contender: CHICORY }, reference: { contender: LUA }, target: { atLeast: 0.8 } },
    { subject: { contender: CHICORY }, reference: { contender: BEE_QUEUE }, target: { atLeast: 2.5 } },
    { subject: { contender: CHICORY }, reference: { contender: BULLMQ }, target: { atLeast: 10 } },
  ],
  rounds: { quick: 3, full: 7 },
  warmUps: { quick: 1, full: 1 },
};

/** The same with larger payloads. */
export const sendBatchesKibibyte = variant("send-batches-1k", "sending batches of 1,000 with payloads of 1 KiB", 1_024);
export const sendBatchesLarge = variant("send-batches-16k", "sending batches of 1,000 with payloads of 16 KiB", 16_384);

function variant(name: string, title: string, payloadBytes: number): Workload {
  return {
    ...sendBatches,
    name,
    title,
    contenders: contendersOf({ inFlight: 1, batch: 1_000, payloadBytes }),
    comparisons: sendBatches.comparisons.map(({ subject, reference }) => ({ subject, reference })),
    rounds: { quick: 3, full: 2 },
    warmUps: { quick: 1, full: 1 },
    onlyFull: true,
  };
}

function contendersOf(pattern: SendingPattern): readonly Contender[] {
  const loadIoredis = (format: MessageFormat) => async () => {
    const { ioredisProducer } = await import("../contenders/ioredis-producer.js");
    return sending(ioredisProducer({ format, autoPipelining: false }), pattern);
  };
  return [
    {
      name: CHICORY,
      packages: CHICORY_REDIS,
      load: async () => sending((await import("../contenders/chicory-producer.js")).openChicoryProducer, pattern),
    },
    { name: PIPELINE, packages: ["ioredis"], load: loadIoredis(wholeMessage) },
    { name: BARE, packages: ["ioredis"], load: loadIoredis(barePayload) },
    {
      name: LUA,
      packages: ["ioredis"],
      load: async () => sending((await import("../contenders/lua-producer.js")).openLuaProducer, pattern),
    },
    {
      name: BEE_QUEUE,
      packages: ["bee-queue"],
      load: async () => sending((await import("../contenders/bee-queue-producer.js")).openBeeQueueProducer, pattern),
    },
    {
      name: BULLMQ,
      packages: ["bullmq", "ioredis"],
      load: async () => sending((await import("../contenders/bullmq-producer.js")).openBullmqProducer, pattern),
    },
  ];
}
