import { isStruck } from "../fault.js";
import type { Finding, Rule } from "../rule.js";

/** Leases within which a fault may show that it made live work look dead. */
const LEASES_AFTER = 2;

/** I10: a worker that lives and reaches the broker keeps what it holds, however long its task takes. */
export const leasesKept: Rule = {
  name: "leases-kept",
  promise: "no live worker loses a delivery, unless a fault held it or the broker up",
  find({ events, faults, crashedAt, tasks }, { leaseMs, keepsLeases = false }) {
    if (leaseMs === undefined) return [];
    const findings: Finding[] = [];
    for (const event of events) {
      if (event.kind !== "lost-lease" || crashedAt.has(event.worker)) continue;
      // A worker may be told only when it tries to settle, which is long after a fault that kept it from settling.
      const held = tasks.get(event.id)?.executions.find(({ lost }) => lost === event);
      const from = Math.min(held?.start.t ?? event.t, event.t - LEASES_AFTER * leaseMs);
      if (!keepsLeases && isStruck(faults, event.worker, from, event.t)) continue;
      findings.push({ id: event.id, what: `was taken from ${event.worker}, which lived and was not struck` });
    }
    return findings;
  },
};
