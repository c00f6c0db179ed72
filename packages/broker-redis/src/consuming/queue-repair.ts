import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@chicory/core";
import type { Route } from "../connection/route.js";
import type { QueueKeys } from "../keys.js";
import { ensureQueue } from "../scripts/open-queue.js";

/** Least time between two repairs, in milliseconds: what breaks faster is reported instead. */
const REPAIR_MS = 1_000;

/** What a repair works with. */
export interface QueueRepairOptions {
  readonly keys: QueueKeys;
  readonly consumer: string;
  readonly route: Route;
  readonly logger: Logger;
  /** Called before anything is done, and after it. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Called with the used priorities. */
  readonly onUsed: (used: string) => void;
  /** Called when groups had to be created anew. */
  readonly onRepaired: () => void;
  /** Called when the queue cannot be put in order for now. */
  readonly onFailure: (error: Error) => void;
}

/** Puts a queue in order under a consumer's feet: learns of new priorities, and creates groups that are gone. */
export class QueueRepair {
  readonly #options: QueueRepairOptions;
  #running: Promise<void> | undefined;
  #repairedAt = Number.NEGATIVE_INFINITY;

  constructor(options: QueueRepairOptions) {
    this.#options = options;
  }

  /** Learns of new priorities; `cause` is the error that says that a group is gone, if it does. */
  start(cause: Error | undefined): void {
    if (this.#running !== undefined) return;
    if (cause !== undefined && performance.now() - this.#repairedAt < REPAIR_MS) {
      this.#options.onFailure(cause);
      return;
    }
    this.#options.pause();
    this.#running = this.#repair(cause).finally(() => {
      this.#running = undefined;
      this.#options.resume();
    });
  }

  /** Resolves when no repair is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #repair(cause: Error | undefined): Promise<void> {
    const { keys, consumer, route, logger, onUsed, onRepaired, onFailure } = this.#options;
    try {
      const { used } = await ensureQueue(await route.ready(), keys, consumer);
      onUsed(used);
      if (cause === undefined) return;
      this.#repairedAt = performance.now();
      logger.warn({ queue: keys.queue }, "The queue's consumer group was gone and was created anew");
      onRepaired();
    } catch (error) {
      onFailure(error instanceof Error ? error : new Error(String(error)));
      // Settlements may wait, and would ask for the same repair at once.
      await sleep(REPAIR_MS, undefined, { ref: false });
    }
  }
}
