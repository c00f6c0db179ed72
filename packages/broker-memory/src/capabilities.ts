import { type BrokerCapabilities, type BrokerError, type OutgoingMessage, UnsupportedError } from "@chicory/core";

/** A time further away than ten years is more likely a wrong unit than a wish. */
const MAX_DELAY_MS = 10 * 365 * 86_400_000;

const PRIORITY_LEVELS = 10;

/** What the embedded broker can do: all that the contract knows, except to outlive its process. */
export const CAPABILITIES: BrokerCapabilities = Object.freeze({
  priorityLevels: PRIORITY_LEVELS,
  delay: Object.freeze({ precisionMs: 5, maxMs: MAX_DELAY_MS }),
  durable: false,
  ordering: "fifo",
  settleConfirmed: true,
  countsDeliveries: true,
  atomicRetry: true,
  dedupe: true,
  ownership: "lease",
  routing: false,
  counts: Object.freeze({ delayed: true, inFlight: true }),
});

/** Why the broker cannot keep such a message, or undefined if it can. */
export function unsupported(message: OutgoingMessage, now: number): BrokerError | undefined {
  const { priority, notBefore } = message;
  if (!Number.isInteger(priority) || priority < 0 || priority >= PRIORITY_LEVELS) {
    return new UnsupportedError(
      `Priority ${priority} is not one of the ${PRIORITY_LEVELS} of the embedded broker: use 0 to ${PRIORITY_LEVELS - 1}`,
    );
  }
  if (notBefore !== undefined && !(notBefore - now <= MAX_DELAY_MS)) {
    return new UnsupportedError("The embedded broker delays messages by up to ten years: times are in milliseconds");
  }
  return undefined;
}
