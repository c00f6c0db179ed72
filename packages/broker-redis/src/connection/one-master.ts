import type { Logger } from "@chicory/core";
import { BLOCK_MS } from "../consuming/idle-waiter.js";
import type { Connection, ConnectionOptions } from "./connection.js";
import { checked, type Durability } from "./durability.js";
import { DurableRoute } from "./durable-route.js";
import { Link } from "./link.js";
import type { Route, Servers } from "./route.js";

/** How the one server is reached. */
export interface OneMasterOptions {
  /** The server as error messages name it before any is connected. */
  readonly address: string;
  /** Opens a connection to the server, which may be another one each time. */
  readonly open: (role: string, options: ConnectionOptions) => Promise<Connection>;
  /** Whether another server is in the place of this one by now, though this one still answers. Must not reject. */
  readonly isReplaced?: (connection: Connection) => Promise<boolean>;
  /** Longest wait for a connection that broke, in milliseconds. */
  readonly waitMs: number;
  readonly durability: Durability | undefined;
  readonly logger: Logger;
  /** Called for every connection that was made. Must not throw. */
  readonly onUp: () => void;
}

/**
 * All queues on one server: two connections to it, one for blocking reads and one for everything else, whatever the
 * number of queues and consumers. The first is opened only when a consumer has nothing to do.
 */
export class OneMaster implements Servers {
  readonly #commands: Link;
  readonly #blocking: Link;
  readonly #durable: { readonly link: Link; readonly route: Route } | undefined;

  constructor({ address, open, isReplaced, waitMs, durability, logger, onUp }: OneMasterOptions) {
    const common = { address, waitMs, logger };
    this.#commands = new Link({
      ...common,
      open: (onEnd) => open("commands", { blockMs: 0, onEnd }),
      isReplaced,
      onUp: (connection) => {
        // After a failover a blocking read at the old master would go on waiting for what never comes.
        this.#blocking.follow(connection.address);
        this.#durable?.link.follow(connection.address);
        onUp();
      },
    });
    this.#blocking = new Link({
      ...common,
      open: (onEnd) => open("blocking", { blockMs: BLOCK_MS, onEnd }),
      onUp,
    });
    if (durability === undefined) return;
    const openDurable = (onEnd: () => void) => open("durable", { blockMs: durability.blockMs, onEnd });
    const link = new Link({ ...common, open: (onEnd) => checked(openDurable(onEnd), durability) });
    this.#durable = { link, route: new DurableRoute(link, durability) };
  }

  get registry(): Route {
    return this.#commands;
  }

  commands(): Route {
    return this.#commands;
  }

  blocking(): Route {
    return this.#blocking;
  }

  durable(): Route | undefined {
    return this.#durable?.route;
  }

  async connect(): Promise<void> {
    await this.#commands.ready();
  }

  close(): void {
    this.#blocking.close();
    this.#durable?.link.close();
    this.#commands.close();
  }
}
