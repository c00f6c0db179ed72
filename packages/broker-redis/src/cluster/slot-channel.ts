import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError } from "@chicory/core";
import type { Durability } from "../connection/durability.js";
import type { HostPort } from "../connection/host-port.js";
import type { Link } from "../connection/link.js";
import type { Channel, Route } from "../connection/route.js";
import type { Argument } from "../scripts/script.js";
import type { ClusterNode } from "./cluster-node.js";
import { redirectOf } from "./redirect.js";
import type { Topology } from "./topology.js";

/** Pauses before a command is repeated that a node did not execute, in milliseconds. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

/** A master that names another is followed at once so often; two that name each other must not keep us busy. */
const QUICK_REDIRECTS = 3;

/** What a slot's channel works with. */
export interface SlotChannelOptions {
  readonly topology: Topology;
  readonly route: Route;
  /** The slot's master as it is known now. */
  readonly owner: () => ClusterNode | undefined;
  /** Any node by its address. */
  readonly nodeAt: (place: HostPort) => ClusterNode;
  /** How long a command that was not executed may be repeated, in milliseconds. */
  readonly repeatMs: number;
  /** Which of a node's links is written to; undefined where the node has none. */
  readonly linkOf: (node: ClusterNode) => Link | undefined;
  /** What must confirm every write; nobody if not given. */
  readonly durability?: Durability;
}

/**
 * Writes commands for the keys of one slot to its master, wherever that is. A command that a node certainly did not
 * execute is repeated where it says, or in a moment, for a bounded time; one whose answer was lost never is.
 */
export class SlotChannel implements Channel {
  readonly #options: SlotChannelOptions;

  constructor(options: SlotChannelOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.#options.route.address;
  }

  command(name: string, args: Argument[]): Promise<unknown> {
    const owner = this.#options.owner();
    const connection = owner && this.#options.linkOf(owner)?.current;
    if (owner === undefined || connection === undefined) return Promise.reject(this.#notConnected());
    return this.#on(connection)
      .command(name, args)
      .catch((error: unknown) => this.#repeat(error, owner, name, args));
  }

  async #repeat(first: unknown, asked: ClusterNode, name: string, args: Argument[]): Promise<unknown> {
    const { topology, nodeAt, repeatMs } = this.#options;
    const deadline = performance.now() + repeatMs;
    let error = first;
    let node = asked;
    for (let attempt = 0; ; attempt++) {
      const redirect = redirectOf(error, node.endpoint.host);
      if (redirect === undefined || performance.now() >= deadline) throw error;
      if (redirect.kind === "wait" || attempt >= QUICK_REDIRECTS) await sleep(pauseBefore(attempt));
      if (redirect.kind === "moved") topology.moved(redirect.slot, redirect.to);
      if (redirect.kind === "wait") topology.look();
      try {
        if (redirect.kind === "ask") {
          node = nodeAt(redirect.to);
          return await this.#ask(node, name, args);
        }
        node = await this.#connectedOwner();
        return await this.#on(await this.#connect(node)).command(name, args);
      } catch (failure) {
        error = failure;
      }
    }
  }

  async #connectedOwner(): Promise<ClusterNode> {
    const { route, owner } = this.#options;
    await route.ready();
    const node = owner();
    if (node === undefined) throw this.#notConnected();
    return node;
  }

  /** Sends a command to a node that takes a slot over but does not own it yet. Both are written in one turn. */
  async #ask(node: ClusterNode, name: string, args: Argument[]): Promise<unknown> {
    const connection = await this.#connect(node);
    const [, answer] = await Promise.all([connection.command("asking", []), this.#on(connection).command(name, args)]);
    return answer;
  }

  #connect(node: ClusterNode): Promise<Channel> {
    return this.#options.linkOf(node)?.ready() ?? Promise.reject(this.#notConnected());
  }

  #on(connection: Channel): Channel {
    return this.#options.durability?.wrap(connection) ?? connection;
  }

  #notConnected(): ConnectionError {
    return new ConnectionError(`Redis at ${this.address} is not connected`);
  }
}

function pauseBefore(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS);
}
