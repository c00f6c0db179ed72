import type { HistoryEvent } from "../history-event.js";

/**
 * The longest time in which no execution came to its end, on any worker, while tasks were sent, in milliseconds: from the
 * first confirmed send to the last call. What a fault itself takes, such as a server that is away, is part of it.
 */
export function longestStall(events: readonly HistoryEvent[]): number {
  const from = events.find(({ kind }) => kind === "pub-ok")?.t;
  const until = events.findLast(({ kind }) => kind === "pub-call")?.t;
  if (from === undefined || until === undefined || until < from) return 0;
  let longest = 0;
  let last = from;
  for (const { kind, t } of events) {
    if (kind !== "run-end" || t < from || t > until) continue;
    longest = Math.max(longest, t - last);
    last = t;
  }
  return Math.max(longest, until - last);
}
