import type { Finding, Rule } from "../rule.js";

/** I11: executions at once are bounded in every process. */
export const concurrencyKept: Rule = {
  name: "concurrency-kept",
  promise: "no worker runs more tasks of a queue at once than its concurrency",
  find({ events }, { concurrency }) {
    if (concurrency === undefined) return [];
    const running = new Map<string, number>();
    const queues = new Map<string, string>();
    const findings = new Map<string, Finding>();
    for (const event of events) {
      if (event.kind !== "run-start" && event.kind !== "run-end") continue;
      const run = `${event.worker} ${event.id} ${event.attempt}`;
      // Kept for good: a worker may run one task twice at once, after it lost it and was handed it again.
      if (event.kind === "run-start") queues.set(run, event.queue);
      const place = `${event.worker}, queue ${queues.get(run) ?? "unknown"}`;
      const count = (running.get(place) ?? 0) + (event.kind === "run-start" ? 1 : -1);
      running.set(place, count);
      if (count > concurrency) findings.set(place, { id: event.id, what: `was one of ${count} at once on ${place}` });
    }
    return [...findings.values()];
  },
};
