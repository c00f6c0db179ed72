import type { BrokerCapabilities } from "@chicory/core";
import type { Allowance, Terms } from "./checker/terms.js";
import { PUBLISH_TIMEOUT_MS } from "./load/load.js";
import type { Scenario } from "./scenario.js";
import type { Stage } from "./stages/stage.js";

/** What a busy machine adds to a send's deadline until the history says so. */
const SETTLE_GRACE_MS = 3_000;
/** Delayed tasks start this soon, also when a fault has just ended: the load has as long to flow again, and a backlog. */
const LATE_MS = 15_000;
/** The workers' default. */
const MAX_DELIVERIES = 5;

/** What a run is held to: what its broker promises, less what its scenario is allowed. */
export function termsOf(
  { allows = [], workersMayEnd, keepsLeases = false, lateMs = LATE_MS }: Scenario,
  { atomicRetry, ownership, settleConfirmed }: BrokerCapabilities,
  { silenceMs, name }: Stage,
  concurrency: number,
  forgot: boolean,
): Terms {
  const allowances: Allowance[] = allows.filter(({ stages }) => stages?.includes(name) ?? true);
  if (forgot) {
    const because = "the server was made to forget what it held";
    allowances.push({ rule: "at-least-once", upTo: Number.MAX_SAFE_INTEGER, because });
  }
  if (workersMayEnd === true) {
    const because = "a worker that cannot go on ends with a reason and is replaced";
    allowances.push({ rule: "workers-stay", upTo: Number.MAX_SAFE_INTEGER, because });
  }
  return {
    concurrency,
    ...(ownership === "lease" ? { leaseMs: silenceMs, keepsLeases } : {}),
    publishTimeoutMs: PUBLISH_TIMEOUT_MS + SETTLE_GRACE_MS,
    maxDeliveries: MAX_DELIVERIES,
    lateMs,
    deadLetters: atomicRetry ? "exactly-once" : "at-least-once",
    settlements: settleConfirmed ? "confirmed" : "unconfirmed",
    allowances,
  };
}
