import type { BrokerCapabilities } from "@chicory/core";
import { PRIORITY_LEVELS } from "./keys.js";

/** A hundred years: what lies beyond is a mistake in a unit. In milliseconds. */
const MAX_DELAY_MS = 100 * 365 * 86_400_000;

/** What this driver can do. */
export const capabilities: BrokerCapabilities = {
  priorityLevels: PRIORITY_LEVELS,
  delay: { precisionMs: 100, maxMs: MAX_DELAY_MS },
  durable: true,
  ordering: "fifo",
  settleConfirmed: true,
  countsDeliveries: true,
  atomicRetry: true,
  dedupe: true,
  ownership: "lease",
  routing: false,
  counts: { delayed: true, inFlight: true },
};
