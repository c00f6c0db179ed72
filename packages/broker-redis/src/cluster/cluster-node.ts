import type { Logger } from "@chicory/core";
import { checked, type Durability } from "../connection/durability.js";
import type { Endpoint } from "../connection/endpoint.js";
import { Link } from "../connection/link.js";
import type { Opener } from "../connection/opener.js";
import { BLOCK_MS } from "../consuming/idle-waiter.js";

/** What the nodes of a cluster have in common. */
export interface ClusterNodeOptions {
  readonly opener: Opener;
  /** Longest wait for a connection that broke, in milliseconds. */
  readonly waitMs: number;
  readonly durability: Durability | undefined;
  readonly logger: Logger;
  /** Called for every connection for commands that was made. Must not throw. */
  readonly onUp: (node: ClusterNode) => void;
  /** Called for every connection for commands that broke. Must not throw. */
  readonly onDown: () => void;
}

/** One master of a cluster: a connection for commands, and others for blocking reads. */
export class ClusterNode {
  readonly endpoint: Endpoint;
  readonly commands: Link;
  /** For what must survive the loss of a server; opened only where something must. */
  readonly durable: Link | undefined;
  readonly #options: ClusterNodeOptions;

  constructor(endpoint: Endpoint, options: ClusterNodeOptions) {
    this.endpoint = endpoint;
    this.#options = options;
    const { opener, waitMs, durability, logger, onUp, onDown } = options;
    this.commands = new Link({
      address: endpoint.address,
      open: (onEnd) => opener.open(endpoint, "commands", { blockMs: 0, onEnd }),
      waitMs,
      logger,
      onUp: () => onUp(this),
      onDown,
    });
    if (durability === undefined) return;
    const open = (onEnd: () => void) => opener.open(endpoint, "durable", { blockMs: durability.blockMs, onEnd });
    this.durable = new Link({
      address: endpoint.address,
      open: (onEnd) => checked(open(onEnd), durability),
      waitMs,
      logger,
      onDown,
    });
  }

  /** Gives every connection up but those of blocking links. */
  close(): void {
    this.commands.close();
    this.durable?.close();
  }

  /** A link of its own for blocking reads, for the caller to close. `onUp` is called for every connection of it. */
  blockingLink(onUp: () => void): Link {
    const { endpoint } = this;
    const { opener, waitMs, logger } = this.#options;
    return new Link({
      address: endpoint.address,
      open: (onEnd) => opener.open(endpoint, "blocking", { blockMs: BLOCK_MS, onEnd }),
      waitMs,
      logger,
      onUp,
    });
  }
}
