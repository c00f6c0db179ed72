import type { Logger } from "@chicory/core";
import { Connection, type ConnectionOptions } from "./connection.js";
import type { Endpoint } from "./endpoint.js";
import { greet } from "./handshake.js";
import type { HostPort } from "./host-port.js";
import { type ClusterRole, checkServer } from "./server-check.js";

/** Where a server is really reached that announces itself under another address; the same one as a rule. */
export type Reach = (announced: HostPort) => HostPort | Promise<HostPort>;

/** What the connections of a driver have in common. */
export interface OpenerOptions {
  /** Tells this process's connections from those of others in the server's list of clients. */
  readonly nonce: string;
  readonly logger: Logger;
  /** Whether the servers must be nodes of a cluster, or must not. */
  readonly cluster: ClusterRole;
  readonly reach?: Reach | undefined;
}

/** Opens connections that are ready for use: logged in, named for operators, and to a server that can keep tasks. */
export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** Opens a connection to a server that keeps queues. `role` is part of its name. */
  open(endpoint: Endpoint, role: string, options: ConnectionOptions): Promise<Connection> {
    const { logger, cluster } = this.#options;
    return this.#open(endpoint, role, options, async (connection) => {
      // The one for blocking reads leads to a server that the one for commands has checked.
      if (role !== "blocking") await checkServer(connection, cluster, logger);
    });
  }

  /** Opens a connection to a server of which nothing is asked but to know the user. */
  openUnchecked(endpoint: Endpoint, role: string, options: ConnectionOptions): Promise<Connection> {
    return this.#open(endpoint, role, options, async () => undefined);
  }

  async #open(
    endpoint: Endpoint,
    role: string,
    options: ConnectionOptions,
    check: (connection: Connection) => Promise<void>,
  ): Promise<Connection> {
    const { nonce, logger, reach } = this.#options;
    const reached = reach === undefined ? endpoint : { ...endpoint, ...(await reach(endpoint)) };
    const connection = await Connection.open(reached, options);
    try {
      await greet(connection, endpoint, `chicory:${role}:${nonce}`, logger);
      await check(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }
}
