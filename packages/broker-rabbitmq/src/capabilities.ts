import type { BrokerCapabilities } from "@chicory/core";
import type { RabbitmqConfig } from "./config.js";
import { DELAY_UNIT_MS, MAX_DELAY_MS } from "./topology/delay-levels.js";
import { allCount, isStrict, priorityLevels } from "./topology/queue-settings.js";

/** What RabbitMQ can do with queues that are configured like this. */
export function capabilitiesOf(config: RabbitmqConfig): BrokerCapabilities {
  return Object.freeze({
    priorityLevels: priorityLevels(config),
    // Known before the server is, so it says what holds on each: 4.0 to 4.2 know two levels only.
    priorityOrder: isStrict(config) ? "strict" : "coarse",
    delay: Object.freeze({ precisionMs: DELAY_UNIT_MS, maxMs: MAX_DELAY_MS }),
    durable: true,
    ordering: "fifo",
    // AMQP does not answer acks.
    settleConfirmed: false,
    countsDeliveries: allCount(config),
    atomicRetry: false,
    dedupe: false,
    ownership: "connection",
    routing: true,
    counts: Object.freeze({ delayed: false, inFlight: false }),
  });
}
