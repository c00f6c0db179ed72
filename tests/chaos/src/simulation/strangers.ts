import type { MemoryServer } from "@chicory/broker-memory";
import type { Chronicle } from "./chronicle.js";
import type { Connections } from "./connections.js";

/** Queues of another app on the same broker begin with this. */
export const NEIGHBOUR_PREFIX = "neighbour.";

/** Puts bytes into a queue that nobody can read: they belong into the dead letters, under their own text. */
export function putForeign(index: number, queue: string, server: MemoryServer, chronicle: Chronicle): void {
  const id = `foreign-${index}`;
  const mode = "at-least-once";
  const send = { mode, queue, priority: 0, dedupe: true, maxRetries: 0, expected: "dead" } as const;
  chronicle.write({ kind: "pub-call", id, task: "foreign", ...send });
  server.publish([{ id, queue, body: id, mode, priority: 0 }], undefined);
  chronicle.write({ kind: "pub-ok", id });
}

/** Sends a task of another app on the same broker, under its own prefix: nobody of this run may see it. */
export function putNeighbour(index: number, connections: Connections): void {
  const id = `neighbour-${index}`;
  const body = JSON.stringify({ v: 1, id, name: "plain", input: {}, retries: 0, enqueuedAt: 0 });
  const message = { id, queue: `${NEIGHBOUR_PREFIX}orders`, body, priority: 0, mode: "at-least-once" } as const;
  connections
    .openDriver()
    .publish([message])
    .catch(() => undefined);
}
