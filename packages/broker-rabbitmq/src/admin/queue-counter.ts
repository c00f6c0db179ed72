import type { Channel } from "rabbitmq-client";
import { ask } from "../connection/ask.js";
import type { Link } from "../connection/link.js";
import { codeOf } from "../errors.js";

/** Counts and purges queues, each by a channel of its own: asking for a queue that does not exist ends the channel. */
export class QueueCounter {
  readonly #link: Link;
  readonly #timeoutMs: number;

  constructor(link: Link, timeoutMs: number) {
    this.#link = link;
    this.#timeoutMs = timeoutMs;
  }

  /** Messages that no consumer was sent; undefined for a queue that does not exist. */
  async count(serverQueue: string): Promise<number | undefined> {
    return await this.#ask(`look for queue "${serverQueue}"`, (channel) =>
      channel.queueDeclare({ queue: serverQueue, passive: true }),
    );
  }

  /** Deletes these messages and returns how many; 0 for a queue that does not exist. */
  async purge(serverQueue: string): Promise<number> {
    const purged = await this.#ask(`purge queue "${serverQueue}"`, (channel) => channel.queuePurge(serverQueue));
    return purged ?? 0;
  }

  async #ask(
    what: string,
    command: (channel: Channel) => Promise<{ readonly messageCount: number }>,
  ): Promise<number | undefined> {
    const channel = await this.#link.channel();
    try {
      return (await ask(command(channel), what, this.#timeoutMs)).messageCount;
    } catch (error) {
      if (error instanceof Error && codeOf(error.cause) === "NOT_FOUND") return undefined;
      throw error;
    } finally {
      void channel.close();
    }
  }
}
