import type { Logger } from "@chicory/core";
import type { Durability } from "../connection/durability.js";
import type { Endpoint, EndpointAt } from "../connection/endpoint.js";
import { type HostPort, toAddress } from "../connection/host-port.js";
import type { Link } from "../connection/link.js";
import type { Opener } from "../connection/opener.js";
import type { Route, Servers } from "../connection/route.js";
import { ClusterNode, type ClusterNodeOptions } from "./cluster-node.js";
import { hashSlot } from "./hash-slot.js";
import { MapReader } from "./map-reader.js";
import { SlotChannel } from "./slot-channel.js";
import { SlotRoute } from "./slot-route.js";
import { Topology } from "./topology.js";

/** What a cluster is reached with. */
export interface ClusterOptions {
  readonly seeds: readonly Endpoint[];
  readonly endpointAt: EndpointAt;
  readonly opener: Opener;
  readonly logger: Logger;
  readonly durability: Durability | undefined;
  /** The key of the set of queue names. */
  readonly registryKey: string;
  /** Longest wait for a master that can be reached, in milliseconds. */
  readonly waitMs: number;
  /** How long a command that was certainly not executed may be repeated, in milliseconds. */
  readonly repeatMs: number;
  /** Called when queues have a new connection or another master. Must not throw. */
  readonly onUp: (concerns: (queue: string) => boolean) => void;
}

interface SlotRoutes {
  readonly commands: Route;
  readonly durable: Route | undefined;
  readonly blocking: Route;
}

/**
 * Queues on the masters of a cluster, each where the slot of its name is: one connection to every master that serves
 * queues of this process, and one for every queue that waits for messages. Replicas are asked for nothing but the map.
 */
export class Cluster implements Servers {
  readonly #options: ClusterOptions;
  readonly #address: string;
  readonly #topology: Topology;
  readonly #nodes = new Map<string, ClusterNode>();
  readonly #nodeOptions: ClusterNodeOptions;
  readonly #routes = new Map<number, SlotRoutes>();
  readonly #slots = new Map<string, number>();
  readonly #blocking = new Map<number, { readonly node: ClusterNode; readonly link: Link }>();
  #closed = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { seeds, endpointAt, opener, durability, logger, waitMs } = options;
    this.#address = `cluster ${seeds.map(({ address }) => address).join(", ")}`;
    const connected = () =>
      [...this.#nodes.values()].flatMap(({ endpoint: { host }, commands: { current: channel } }) =>
        channel === undefined ? [] : [{ host, channel }],
      );
    const reader = new MapReader({ seeds, endpointAt, opener, logger, connected });
    this.#topology = new Topology({
      read: () => reader.read(),
      logger,
      isTroubled: () =>
        [...this.#nodes.values()].some(({ commands, durable }) => commands.broken || durable?.broken === true),
    });
    this.#topology.onChange((before) => this.#changed((slot) => before?.owner(slot)));
    this.#nodeOptions = {
      opener,
      waitMs,
      durability,
      logger,
      onUp: (node) => this.#options.onUp((queue) => this.#ownerOf(this.#slotOf(queue)) === node),
      onDown: () => this.#topology.look(),
    };
  }

  get registry(): Route {
    return this.#routesOf(hashSlot(this.#options.registryKey)).commands;
  }

  commands(queue: string): Route {
    return this.#routesOf(this.#slotOf(queue)).commands;
  }

  blocking(queue: string): Route {
    return this.#routesOf(this.#slotOf(queue)).blocking;
  }

  durable(queue: string): Route | undefined {
    return this.#routesOf(this.#slotOf(queue)).durable;
  }

  async connect(): Promise<void> {
    await this.registry.ready();
  }

  close(): void {
    this.#closed = true;
    this.#topology.close();
    for (const { link } of this.#blocking.values()) link.close();
    for (const node of this.#nodes.values()) node.close();
  }

  /** A queue's name is the hash tag of all its keys. */
  #slotOf(queue: string): number {
    const known = this.#slots.get(queue);
    if (known !== undefined) return known;
    const slot = hashSlot(queue);
    this.#slots.set(queue, slot);
    return slot;
  }

  #routesOf(slot: number): SlotRoutes {
    const known = this.#routes.get(slot);
    if (known !== undefined) return known;
    const { waitMs, repeatMs, durability } = this.#options;
    const topology = this.#topology;
    const owner = () => this.#ownerOf(slot);
    const common = { topology, waitMs, address: this.#address, host: () => owner()?.endpoint.host };
    const nodeAt = (place: HostPort) => this.#nodeAt(place);
    const channel = { topology, owner, nodeAt, repeatMs };
    const routes: SlotRoutes = {
      commands: new SlotRoute({
        ...common,
        link: () => owner()?.commands,
        channel: (route) => new SlotChannel({ ...channel, route, linkOf: ({ commands }) => commands }),
      }),
      durable:
        durability &&
        new SlotRoute({
          ...common,
          link: () => owner()?.durable,
          channel: (route) => new SlotChannel({ ...channel, route, durability, linkOf: ({ durable }) => durable }),
        }),
      blocking: new SlotRoute({ ...common, link: () => this.#blockingLink(slot) }),
    };
    this.#routes.set(slot, routes);
    return routes;
  }

  #ownerOf(slot: number): ClusterNode | undefined {
    const place = this.#topology.owner(slot);
    return place === undefined ? undefined : this.#nodeAt(place);
  }

  #nodeAt(place: HostPort): ClusterNode {
    const address = toAddress(place);
    const known = this.#nodes.get(address);
    if (known !== undefined) return known;
    const node = new ClusterNode(this.#options.endpointAt(place), this.#nodeOptions);
    this.#nodes.set(address, node);
    if (this.#closed) node.close();
    return node;
  }

  /** The link for blocking reads of a slot leads to its present master; one to another is given up. */
  #blockingLink(slot: number): Link | undefined {
    const node = this.#ownerOf(slot);
    const known = this.#blocking.get(slot);
    if (known !== undefined && (known.node === node || node === undefined)) return known.link;
    known?.link.close();
    if (node === undefined) return undefined;
    const link = node.blockingLink(() => this.#options.onUp((queue) => this.#slotOf(queue) === slot));
    this.#blocking.set(slot, { node, link });
    if (this.#closed) link.close();
    return link;
  }

  #changed(before: (slot: number) => HostPort | undefined): void {
    const { onUp, waitMs } = this.#options;
    const moved = new Set<number>();
    for (const slot of this.#routes.keys()) {
      const [from, to] = [before(slot), this.#topology.owner(slot)];
      if (from === undefined || to === undefined || toAddress(from) === toAddress(to)) continue;
      moved.add(slot);
      // A blocking read at the old master would go on waiting for what never comes.
      if (this.#blocking.has(slot)) this.#blockingLink(slot);
    }
    if (moved.size > 0) {
      // A new master that is not connected yet says so itself once it is.
      onUp((queue) => moved.has(this.#slotOf(queue)) && this.commands(queue).current !== undefined);
    }
    // What is on its way to a node that serves nothing any more may still be answered.
    setTimeout(() => this.#forgetNodes(), waitMs).unref();
  }

  #forgetNodes(): void {
    const serving = new Set([...this.#routes.keys()].map((slot) => this.#ownerOf(slot)));
    for (const [address, node] of this.#nodes) {
      if (serving.has(node)) continue;
      this.#nodes.delete(address);
      node.close();
    }
  }
}
