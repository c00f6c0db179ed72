import type { QueueDepth } from "@chicory/core";
import type { Paint } from "./color.js";
import { table } from "./table.js";

/** Stands for a count that the broker cannot tell. */
const UNKNOWN = "?";

const COLUMNS = [
  { title: "queue" },
  { title: "ready", align: "right" },
  { title: "delayed", align: "right" },
  { title: "in flight", align: "right" },
  { title: "dead letters", align: "right" },
] as const;

/** How many messages each queue holds, as people read it. */
export function queueTable(queues: readonly QueueDepth[], paint: Paint): string {
  if (queues.length === 0) return "There are no queues.\n";
  const rows = queues.map(({ queue, ready, delayed, inFlight, deadLetters }) => [
    queue,
    ...[ready, delayed, inFlight, deadLetters].map((count) => (count === undefined ? UNKNOWN : String(count))),
  ]);
  return table(COLUMNS, rows, paint);
}
