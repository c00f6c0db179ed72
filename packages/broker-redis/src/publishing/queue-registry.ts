import { AccessError, type Logger } from "@chicory/core";
import type { Route } from "../connection/route.js";

/** Keeps the set of queue names on the server, for operators. Nothing else depends on it. */
export class QueueRegistry {
  readonly #route: Route;
  readonly #key: string;
  readonly #logger: Logger;
  readonly #noted = new Set<string>();

  constructor(route: Route, key: string, logger: Logger) {
    this.#route = route;
    this.#key = key;
    this.#logger = logger;
  }

  /** Notes a queue once per process and connection, beside whatever is done to it. */
  note(queue: string): void {
    if (this.#noted.has(queue)) return;
    this.#noted.add(queue);
    this.#add(queue).catch((error: unknown) => {
      // A right that lacks now will lack at the next publish too.
      if (!(error instanceof AccessError)) this.#noted.delete(queue);
      this.#logger.debug({ err: error, queue }, "The queue's name could not be noted yet");
    });
  }

  /** Forgets what was noted: the server may have been emptied. */
  reset(): void {
    this.#noted.clear();
  }

  async #add(queue: string): Promise<void> {
    const channel = this.#route.current ?? (await this.#route.ready());
    await channel.command("sadd", [this.#key, queue]);
  }
}
