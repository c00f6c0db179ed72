import { AccessError, type Logger } from "@chicory/core";
import type { Connection } from "./connection.js";
import type { KeyBuilder } from "./keys.js";

/** Keeps the set of queue names on the server, for operators. Nothing else depends on it. */
export class QueueRegistry {
  readonly #keys: KeyBuilder;
  readonly #logger: Logger;
  readonly #noted = new Set<string>();

  constructor(keys: KeyBuilder, logger: Logger) {
    this.#keys = keys;
    this.#logger = logger;
  }

  /** Notes a queue once per process and connection, beside whatever is done to it. */
  note(connection: Connection, queue: string): void {
    if (this.#noted.has(queue)) return;
    this.#noted.add(queue);
    connection.command("sadd", [this.#keys.registry, queue]).catch((error: unknown) => {
      // A right that lacks now will lack at the next publish too.
      if (!(error instanceof AccessError)) this.#noted.delete(queue);
      this.#logger.debug({ err: error, queue }, "The queue's name could not be noted yet");
    });
  }

  /** Forgets what was noted: the server may have been emptied. */
  reset(): void {
    this.#noted.clear();
  }
}
