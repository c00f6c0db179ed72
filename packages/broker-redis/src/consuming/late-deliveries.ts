import type { Logger } from "@chicory/core";
import type { RedisDelivery } from "./redis-delivery.js";

/** How long a delivery waits for the next receive before it is given back, in milliseconds. */
const KEEP_MS = 200;

/**
 * Deliveries that came when no receive waited any more, as when one is aborted while the server answers it. The next
 * receive gets them; if there is none soon, they are given back for others to take.
 */
export class LateDeliveries {
  readonly #giveBack: () => Promise<void>;
  readonly #logger: Logger;
  #deliveries: readonly RedisDelivery[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `giveBack` gives back everything that is held and was not handed out. */
  constructor(giveBack: () => Promise<void>, logger: Logger) {
    this.#giveBack = giveBack;
    this.#logger = logger;
  }

  /** Takes all of them out, oldest first. */
  take(): readonly RedisDelivery[] {
    const kept = this.#deliveries.filter(({ state }) => state === "held");
    this.#deliveries = [];
    this.stop();
    return kept;
  }

  /** Keeps deliveries; those kept before must have been taken out. */
  keep(deliveries: readonly RedisDelivery[]): void {
    this.#deliveries = deliveries;
    if (deliveries.length === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#end(), KEEP_MS).unref();
  }

  /** Gives nothing back by itself any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #end(): Promise<void> {
    const deliveries = this.take();
    try {
      await this.#giveBack();
    } catch (error) {
      this.#logger.debug({ err: error }, "Messages that nobody receives could not be given back yet");
      this.keep([...deliveries, ...this.take()].filter(({ state }) => state === "held"));
    }
  }
}
