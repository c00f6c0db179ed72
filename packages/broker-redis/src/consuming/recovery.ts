import type { Logger } from "@chicory/core";
import type { LeaseKeeper } from "../leases/lease-keeper.js";
import type { Reclaimer } from "./reclaimer.js";
import type { StepLoop } from "./step-loop.js";

/** What a recovery puts in order. */
export interface RecoveryOptions {
  readonly loop: StepLoop;
  readonly keeper: LeaseKeeper;
  readonly reclaimer: Reclaimer;
  readonly logger: Logger;
}

/**
 * Clears up after a connection was lost and another one made: keeps the leases first, then hands out what the server
 * sent into the void, before anything new is fetched.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** Begins, once recoveries that run are over. */
  start(): void {
    this.#options.reclaimer.connected();
    this.#options.loop.pauseFetching();
    this.#running = this.#running.then(() => this.#recover());
  }

  /** Resolves when no recovery runs. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #recover(): Promise<void> {
    const { loop, keeper, reclaimer, logger } = this.#options;
    try {
      // Answers of the old connection may still be on their way through this process.
      await loop.idle();
      await keeper.renewAll();
      await reclaimer.takeOwn();
    } catch (error) {
      // The connection broke again: there will be a next one. What stays behind is taken over like a dead worker's.
      logger.debug({ err: error }, "Messages of a lost answer could not be fetched yet");
    }
    loop.resumeFetching();
    loop.promote();
  }
}
