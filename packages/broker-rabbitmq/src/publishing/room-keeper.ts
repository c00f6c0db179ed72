import type { OutgoingMessage } from "@chicory/core";
import { queueFull } from "../errors.js";
import { secondsToWait } from "../messages/parcel.js";
import type { Names } from "../topology/names.js";
import type { SettingsBook } from "../topology/queue-settings.js";

/** What a {@link RoomKeeper} needs. */
export interface RoomKeeperOptions {
  readonly settings: SettingsBook;
  readonly names: Names;
  /** How many messages wait in a queue. */
  readonly count: (serverQueue: string) => Promise<number>;
}

/** Messages for which there is no room, until `done` is called. */
export interface Room {
  readonly refusals: ReadonlyMap<OutgoingMessage, Error>;
  readonly done: () => void;
}

/**
 * Keeps bounded quorum queues within their limit. The server's own refusal comes late: a quorum queue tells a channel
 * that it is full only after it took some more. So one batch at a time is counted against what waits, which is exact
 * for one process; against others the server's limit still holds, nearly.
 */
export class RoomKeeper {
  readonly #options: RoomKeeperOptions;
  #last: Promise<void> = Promise.resolve();

  constructor(options: RoomKeeperOptions) {
    this.#options = options;
  }

  /** The messages of these that are for bounded queues. */
  bounded(messages: readonly OutgoingMessage[], now: number): readonly OutgoingMessage[] {
    return messages.filter((message) => {
      const { maxLength, queueType } = this.#options.settings.of(message.queue);
      if (maxLength === 0 || queueType !== "quorum") return false;
      return message.route === undefined && secondsToWait(message, now) === 0;
    });
  }

  /** Waits for the turn of messages for bounded queues, and says which ones do not fit. */
  async enter(bounded: readonly OutgoingMessage[]): Promise<Room> {
    const previous = this.#last;
    let done: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    await previous;
    try {
      return { refusals: await this.#refusals(bounded), done };
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      return { refusals: new Map(bounded.map((message) => [message, cause])), done };
    }
  }

  async #refusals(messages: readonly OutgoingMessage[]): Promise<ReadonlyMap<OutgoingMessage, Error>> {
    const { settings, names, count } = this.#options;
    const refusals = new Map<OutgoingMessage, Error>();
    for (const queue of new Set(messages.map((message) => message.queue))) {
      const { maxLength } = settings.of(queue);
      const room = Math.max(0, maxLength - (await count(names.queue(queue))));
      const own = messages.filter((message) => message.queue === queue);
      for (const message of own.slice(room)) refusals.set(message, queueFull(queue, maxLength));
    }
    return refusals;
  }
}
