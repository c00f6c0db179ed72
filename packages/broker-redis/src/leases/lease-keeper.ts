import type { Logger } from "@chicory/core";
import type { HeldDeliveries } from "../consuming/held-deliveries.js";
import type { RedisDelivery } from "../consuming/redis-delivery.js";

/** Most leases that one script call renews: under half a millisecond of the server's time. */
const CHUNK = 100;

/** Longest pause between two renewals, in milliseconds, however long the lease. */
export const MAX_RENEWAL_INTERVAL_MS = 10_000;

/** What a keeper works with. */
export interface LeaseKeeperOptions {
  readonly leaseMs: number;
  readonly held: HeldDeliveries;
  readonly logger: Logger;
  /** Renews entries of one priority, and returns the ids of those that were lost. */
  readonly renew: (priority: number, entryIds: readonly string[]) => Promise<readonly string[]>;
  /** Called with deliveries that belong to somebody else now. */
  readonly onLost: (deliveries: readonly RedisDelivery[]) => void;
  /** Called at every beat when there is nothing to renew. */
  readonly onIdleBeat: () => void;
}

/** Renews the lease of everything that a queue's consumers hold, three times a lease. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Begins to renew. */
  start(): void {
    const interval = Math.min(this.#options.leaseMs / 3, MAX_RENEWAL_INTERVAL_MS);
    this.#timer ??= setInterval(() => {
      if (this.#options.held.size === 0) this.#options.onIdleBeat();
      else void this.renewAll();
    }, interval).unref();
  }

  /** Renews no more; resolves when it has stopped. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#renewing;
  }

  /** Renews everything now, unless that is under way. Never rejects. */
  async renewAll(): Promise<void> {
    this.#renewing ??= this.#renew(this.#options.held.all())
      .catch((error: unknown) => {
        // The leases have two thirds of their time left, and everything is renewed on a new connection.
        this.#options.logger.debug({ err: error }, "Leases could not be renewed yet");
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    await this.#renewing;
  }

  /**
   * Renews these now, and returns those that are held for certain. The others are let go: somebody else has them, or
   * they are brought back like what an answer that was lost contained. Never rejects.
   */
  async confirm(deliveries: readonly RedisDelivery[]): Promise<readonly RedisDelivery[]> {
    const { held, logger } = this.#options;
    const askedAt = performance.now();
    try {
      await this.#renew(deliveries);
    } catch (error) {
      logger.debug({ err: error }, "Leases of messages that came late could not be confirmed");
    }
    const confirmed = deliveries.filter(({ state, leasedAt }) => state === "held" && leasedAt >= askedAt);
    for (const delivery of deliveries) {
      if (delivery.state !== "held" || delivery.leasedAt >= askedAt) continue;
      delivery.state = "lost";
      held.remove(delivery);
    }
    return confirmed;
  }

  async #renew(all: readonly RedisDelivery[]): Promise<void> {
    const byPriority = new Map<number, RedisDelivery[]>();
    for (const delivery of all) {
      const group = byPriority.get(delivery.priority);
      if (group === undefined) byPriority.set(delivery.priority, [delivery]);
      else group.push(delivery);
    }
    for (const [priority, deliveries] of byPriority) {
      for (let at = 0; at < deliveries.length; at += CHUNK) {
        await this.#renewChunk(priority, deliveries.slice(at, at + CHUNK));
      }
    }
  }

  async #renewChunk(priority: number, deliveries: readonly RedisDelivery[]): Promise<void> {
    const { held, renew, onLost } = this.#options;
    const renewedAt = performance.now();
    const ids = deliveries.map(({ entryId }) => entryId);
    const lostIds = new Set(await renew(priority, ids));
    const lost: RedisDelivery[] = [];
    for (const delivery of deliveries) {
      if (!lostIds.has(delivery.entryId)) {
        delivery.leasedAt = renewedAt;
      } else if (delivery.state === "held") {
        // One that is being settled may be gone for that reason: its settlement tells.
        delivery.state = "lost";
        held.remove(delivery);
        lost.push(delivery);
      }
    }
    if (lost.length > 0) onLost(lost);
  }
}
