import type { OpenRelay } from "../contenders/relay.js";
import type { Contender, Measure } from "../workload.js";
import { CHICORY_RABBITMQ, CHICORY_REDIS } from "./packages.js";

/** Names of those who send and execute in one process. */
export const CHICORY = "Chicory";
export const BULLMQ = "BullMQ";
export const BEE_QUEUE = "bee-queue";
export const CONSUMER = "rabbitmq-client createConsumer";

/** How a relay is measured. */
type MeasureRelay = (open: OpenRelay) => Measure | Promise<Measure>;

export function chicoryRelay(measure: MeasureRelay, name: string = CHICORY): Contender {
  const load = async () => measure((await import("../contenders/chicory-relay.js")).openChicoryRelay);
  return { name, packages: CHICORY_REDIS, load };
}

export function bullmqRelay(measure: MeasureRelay): Contender {
  const load = async () => measure((await import("../contenders/bullmq-relay.js")).openBullmqRelay);
  return { name: BULLMQ, packages: ["bullmq", "ioredis"], load };
}

export function beeQueueRelay(measure: MeasureRelay): Contender {
  const load = async () => measure((await import("../contenders/bee-queue-relay.js")).openBeeQueueRelay);
  return { name: BEE_QUEUE, packages: ["bee-queue"], load };
}

export function chicoryRabbitmqRelay(measure: MeasureRelay, name: string = CHICORY): Contender {
  const load = async () => measure((await import("../contenders/chicory-rabbitmq-relay.js")).openChicoryRabbitmqRelay);
  return { name, packages: CHICORY_RABBITMQ, load };
}

export function consumerRelay(measure: MeasureRelay): Contender {
  const load = async () => measure((await import("../contenders/consumer-relay.js")).openConsumerRelay);
  return { name: CONSUMER, packages: ["rabbitmq-client"], load };
}
