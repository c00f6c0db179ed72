import type { Logger } from "@chicory/core";
import type { RedisConfig } from "../config.js";
import type { Servers } from "../connection/route.js";
import { openServers } from "../connection/servers.js";
import { KeyBuilder } from "../keys.js";
import type { WatchedQueue } from "./lease-watch.js";
import { renewOwnLeases } from "./own-leases.js";

/** Renews what the server says a process holds, by connections of its own that are opened at the first need. */
export class StandInRenewer {
  readonly #servers: Servers;

  constructor(config: RedisConfig, nonce: string, logger: Logger) {
    const registryKey = new KeyBuilder(config.keyPrefix).registry;
    this.#servers = openServers({ config, nonce, logger, registryKey, onUp: () => undefined });
  }

  /** Renews everything that is pending for the queues' consumers. Rejects with a `BrokerError`, or a `ConfigError`. */
  async renew(queues: readonly WatchedQueue[]): Promise<void> {
    await Promise.all(queues.map((queue) => this.#renewQueue(queue)));
  }

  /** Closes the connections. */
  close(): void {
    this.#servers.close();
  }

  async #renewQueue({ queue, streams, consumer }: WatchedQueue): Promise<void> {
    const route = this.#servers.commands(queue);
    const channel = await route.ready();
    try {
      await Promise.all(streams.map((stream) => renewOwnLeases(channel, stream, consumer)));
    } catch (error) {
      if (error instanceof Error) route.reconsider(channel, error);
      throw error;
    }
  }
}
