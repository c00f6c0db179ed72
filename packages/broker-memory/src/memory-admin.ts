import type { BrowseOptions, DeadLetterPage, QueueAdmin, QueueDepth, Replay, StoredDeadLetter } from "@chicory/core";
import type { Link } from "./link.js";

/** What operators do to the queues of the embedded broker. */
export class MemoryAdmin implements QueueAdmin {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  async queues(): Promise<readonly string[]> {
    return await this.#link.call(() => this.#link.server.queues());
  }

  async depth(queue: string): Promise<QueueDepth> {
    return await this.#link.call(() => this.#link.server.depth(queue));
  }

  async purge(queue: string): Promise<number> {
    return await this.#link.call(() => this.#link.server.purge(queue));
  }

  async browseDeadLetters(queue: string, options: BrowseOptions = {}): Promise<DeadLetterPage> {
    return await this.#link.call(() => this.#link.server.letters(queue)?.page(options) ?? { letters: [] });
  }

  async findDeadLetter(queue: string, letterId: string): Promise<StoredDeadLetter | undefined> {
    return await this.#link.call(() => this.#link.server.letters(queue)?.find(letterId));
  }

  async replayDeadLetters(queue: string, replays: readonly Replay[]): Promise<readonly string[]> {
    return await this.#link.call(() => this.#link.server.replay(queue, replays));
  }

  async removeDeadLetters(queue: string, letterIds: readonly string[]): Promise<number> {
    return await this.#link.call(() => {
      const letters = this.#link.server.letters(queue);
      return letterIds.filter((id) => letters?.remove(id) === true).length;
    });
  }

  async purgeDeadLetters(queue: string): Promise<number> {
    return await this.#link.call(() => this.#link.server.letters(queue)?.clear() ?? 0);
  }
}
