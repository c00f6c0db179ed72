import { barePayload, type MessageFormat, wholeMessage } from "../contenders/message-format.js";
import { type SendingPattern, sending } from "../measures/sending.js";
import type { Contender, Workload } from "../workload.js";
import { CHICORY_REDIS } from "./packages.js";

const CHICORY = "Chicory send";
const XADD = "ioredis XADD, autopipelined";
const BARE = "the same with payloads alone";
const BEE_QUEUE = "bee-queue save";
const BULLMQ = "BullMQ add";
const GROUPMQ = "groupmq add";

/** Single sends, a hundred of them under way all the time. */
export const sendConcurrently: Workload = {
  name: "send-concurrently",
  title: "single sends, 100 in flight",
  metric: "rate",
  unit: "messages/s",
  note: "ioredis joins what is sent in one turn of the event loop, and waits for the server before the next turn; BullMQ keeps client and server busy at once, with several times the work for each message; Chicory has two writes out. Where cores are idle, those gain who keep both busy; the busier the machine is, the nearer the ratio comes to the one by CPU time.",
  contenders: contendersOf({ inFlight: 100, batch: 1 }),
  comparisons: [
    { subject: { contender: CHICORY }, reference: { contender: XADD }, target: { atLeast: 1.5 } },
    { subject: { contender: CHICORY }, reference: { contender: BARE } },
    { subject: { contender: CHICORY }, reference: { contender: BEE_QUEUE }, target: { atLeast: 1.6 } },
    { subject: { contender: CHICORY }, reference: { contender: BULLMQ }, target: { atLeast: 5 } },
    { subject: { contender: CHICORY }, reference: { contender: GROUPMQ } },
  ],
  rounds: { quick: 3, full: 7 },
  warmUps: { quick: 1, full: 1 },
};

/** The same with more under way, and with larger payloads. */
export const sendThousand = variant("send-concurrently-1000", "single sends, 1,000 in flight", { inFlight: 1_000 });
export const sendKibibyte = variant("send-1k", "single sends of 1 KiB, 100 in flight", { payloadBytes: 1_024 });
export const sendLarge = variant("send-16k", "single sends of 16 KiB, 100 in flight", { payloadBytes: 16_384 });

function variant(name: string, title: string, pattern: Partial<SendingPattern>): Workload {
  return {
    ...sendConcurrently,
    name,
    title,
    contenders: contendersOf({ inFlight: 100, batch: 1, ...pattern }),
    comparisons: sendConcurrently.comparisons.map(({ subject, reference }) => ({ subject, reference })),
    rounds: { quick: 3, full: 2 },
    warmUps: { quick: 1, full: 1 },
    onlyFull: true,
  };
}

function contendersOf(pattern: SendingPattern): readonly Contender[] {
  const loadIoredis = (format: MessageFormat) => async () => {
    const { ioredisProducer } = await import("../contenders/ioredis-producer.js");
    return sending(ioredisProducer({ format, autoPipelining: true }), pattern);
  };
  return [
    {
      name: CHICORY,
      packages: CHICORY_REDIS,
      load: async () => sending((await import("../contenders/chicory-producer.js")).openChicoryProducer, pattern),
    },
    { name: XADD, packages: ["ioredis"], load: loadIoredis(wholeMessage) },
    { name: BARE, packages: ["ioredis"], load: loadIoredis(barePayload) },
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
    {
      name: GROUPMQ,
      packages: ["groupmq", "ioredis"],
      load: async () => sending((await import("../contenders/groupmq-producer.js")).openGroupmqProducer, pattern),
    },
  ];
}
