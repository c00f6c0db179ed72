import { ConnectionError } from "@chicory/core";
import type { Channel, Route } from "../connection/route.js";
import type { QueueKeys } from "../keys.js";
import { ackEntries } from "../scripts/ack.js";
import type { PendingSettlement, SettleLine } from "./settle-line.js";

/** Most acks of one call, which is under a millisecond of the server's time. */
const MAX_ACKS = 256;

/** What durable acks work with. */
export interface DurableAcksOptions {
  readonly keys: QueueKeys;
  readonly consumer: string;
  /** The way on which every write is confirmed. */
  readonly route: Route;
  readonly settleLine: SettleLine;
}

/**
 * Writes the acks that something is begun upon, apart from the steps of the queue, which must not wait for replicas.
 * While one call is on the way, acks gather for the next.
 */
export class DurableAcks {
  readonly #options: DurableAcksOptions;
  #running = false;

  constructor(options: DurableAcksOptions) {
    this.#options = options;
  }

  /** Writes what is in line, unless that is under way. */
  schedule(): void {
    if (!this.#running && this.#options.settleLine.durableSize > 0) void this.#run();
  }

  async #run(): Promise<void> {
    const { settleLine, route } = this.#options;
    this.#running = true;
    for (;;) {
      const acks = settleLine.takeDurable(MAX_ACKS);
      if (acks.length === 0) break;
      try {
        const channel = route.current ?? (await route.ready());
        await this.#write(channel, acks);
      } catch (error) {
        const cause = error instanceof Error ? error : new ConnectionError(String(error));
        for (const entry of acks) settleLine.finish(entry, { kind: "failed", cause });
      }
    }
    this.#running = false;
  }

  async #write(channel: Channel, acks: readonly PendingSettlement[]): Promise<void> {
    const byPriority = new Map<number, PendingSettlement[]>();
    for (const entry of acks) {
      const group = byPriority.get(entry.delivery.priority);
      if (group === undefined) byPriority.set(entry.delivery.priority, [entry]);
      else group.push(entry);
    }
    await Promise.all(Array.from(byPriority, ([priority, group]) => this.#writeGroup(channel, priority, group)));
  }

  /** Never rejects. */
  async #writeGroup(channel: Channel, priority: number, group: readonly PendingSettlement[]): Promise<void> {
    const { keys, consumer, route, settleLine } = this.#options;
    const ids = group.map(({ delivery }) => delivery.entryId);
    try {
      const lost = new Set(await ackEntries(channel, keys.streams[priority] ?? "", consumer, ids));
      for (const entry of group) settleLine.finish(entry, { kind: lost.has(entry.delivery.entryId) ? "lost" : "took" });
    } catch (error) {
      const cause = error instanceof Error ? error : new ConnectionError(String(error));
      route.reconsider(channel, cause);
      for (const entry of group) settleLine.finish(entry, { kind: "failed", cause });
    }
  }
}
