import { wholeMessage } from "../contenders/message-format.js";
import { type SendingPattern, sending } from "../measures/sending.js";
import type { Measure, Workload } from "../workload.js";

const pattern: SendingPattern = { inFlight: 1, batch: 1 };

/** Single sends, each waited for before the next. */
export const sendOneByOne: Workload = {
  name: "send-one-by-one",
  title: "single sends, one after another",
  metric: "rate",
  unit: "messages/s",
  contenders: [
    {
      name: "Chicory send",
      packages: ["@chicory/core", "@chicory/broker-redis"],
      load: async () => sending((await import("../contenders/chicory-producer.js")).openChicoryProducer, pattern),
    },
    {
      name: "ioredis XADD",
      packages: ["ioredis"],
      load: loadIoredis,
    },
  ],
  comparisons: [
    {
      subject: { contender: "Chicory send" },
      reference: { contender: "ioredis XADD" },
      target: { atLeast: 0.7 },
    },
  ],
  rounds: { quick: 3, full: 3 },
  warmUps: { quick: 1, full: 1 },
  onlyFull: true,
};

async function loadIoredis(): Promise<Measure> {
  const { ioredisProducer } = await import("../contenders/ioredis-producer.js");
  return sending(ioredisProducer({ format: wholeMessage, autoPipelining: false }), pattern);
}
