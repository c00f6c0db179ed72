import type { Logger } from "@chicory/core";
import type { RedisConfig } from "./config.js";
import { Connection } from "./connection.js";
import { endpointOf } from "./endpoint.js";
import { greet } from "./handshake.js";
import type { WatchedQueue } from "./lease-watch.js";
import { Link } from "./link.js";
import { renewOwnLeases } from "./own-leases.js";

/** Renews what the server says a process holds, by a connection of its own that is opened at the first need. */
export class StandInRenewer {
  readonly #link: Link;

  constructor(config: RedisConfig, connectionName: string, logger: Logger) {
    const endpoint = endpointOf(config);
    this.#link = new Link({
      open: async (onEnd) => {
        const connection = await Connection.open(endpoint, { blockMs: 0, onEnd });
        try {
          await greet(connection, endpoint, connectionName, logger);
        } catch (error) {
          connection.close();
          throw error;
        }
        return connection;
      },
      waitMs: endpoint.commandTimeoutMs,
      logger,
    });
  }

  /** Renews everything that is pending for the queues' consumers. Rejects with a `BrokerError`, or a `ConfigError`. */
  async renew(queues: readonly WatchedQueue[]): Promise<void> {
    const connection = await this.#link.ready();
    try {
      await Promise.all(
        queues.flatMap(({ streams, consumer }) =>
          streams.map((stream) => renewOwnLeases(connection, stream, consumer)),
        ),
      );
    } catch (error) {
      if (error instanceof Error) this.#link.reconsider(connection, error);
      throw error;
    }
  }

  /** Closes the connection. */
  close(): void {
    this.#link.close();
  }
}
