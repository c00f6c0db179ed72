import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError, type Logger, ServerError } from "@chicory/core";
import type { Endpoint, EndpointAt } from "../connection/endpoint.js";
import type { HostPort } from "../connection/host-port.js";
import { toAddress } from "../connection/host-port.js";
import type { Opener } from "../connection/opener.js";
import type { CommandChannel } from "../scripts/script.js";
import { SlotMap } from "./slot-map.js";

/** How long nodes that are connected are waited for before others are asked too, in milliseconds: one may hang. */
const FIRST_ANSWERS_MS = 500;

/** What a map is read with. */
export interface MapReaderOptions {
  /** The configured nodes. */
  readonly seeds: readonly Endpoint[];
  readonly endpointAt: EndpointAt;
  readonly opener: Opener;
  readonly logger: Logger;
  /** Nodes that this process is connected to. */
  readonly connected: () => readonly { readonly host: string; readonly channel: CommandChannel }[];
}

/** Asks the nodes of a cluster who serves what, and takes the first answer of a node that is part of the majority. */
export class MapReader {
  readonly #options: MapReaderOptions;
  #known: readonly HostPort[] = [];

  constructor(options: MapReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads the map: from connected nodes if one of those answers soon, else from every node that was ever named, each
   * on a connection of its own. Rejects with the reason if none answers, or all say that the cluster is down.
   */
  async read(): Promise<SlotMap> {
    const { connected, logger } = this.#options;
    const asked = connected().map(({ host, channel }) => readMap(channel, host));
    const late = new AbortController();
    const first = Promise.any(asked);
    try {
      const map = await Promise.race([first, sleep(FIRST_ANSWERS_MS, undefined, { ref: false, signal: late.signal })]);
      if (map !== undefined) return this.#keep(map);
    } catch (error) {
      // With nobody connected, this is where every first map begins.
      if (asked.length > 0) logger.debug({ err: error }, "No connected node of the cluster tells its slots");
    } finally {
      late.abort();
    }
    try {
      return this.#keep(await Promise.any([first, ...this.#places().map((place) => this.#readAt(place))]));
    } catch (error) {
      throw reasonOf(error);
    }
  }

  #keep(map: SlotMap): SlotMap {
    this.#known = map.nodes;
    return map;
  }

  /** The configured nodes, and those that the last map named. */
  #places(): readonly Endpoint[] {
    const { seeds, endpointAt } = this.#options;
    const places = new Map(seeds.map((seed) => [seed.address, seed]));
    for (const node of this.#known) {
      if (!places.has(toAddress(node))) places.set(toAddress(node), endpointAt(node));
    }
    return [...places.values()];
  }

  async #readAt(endpoint: Endpoint): Promise<SlotMap> {
    const connection = await this.#options.opener.open(endpoint, "slots", { blockMs: 0, onEnd: () => undefined });
    try {
      return await readMap(connection, endpoint.host);
    } finally {
      connection.close();
    }
  }
}

async function readMap(channel: CommandChannel, host: string): Promise<SlotMap> {
  const [state, slots] = await Promise.all([
    channel.command("cluster", ["info"]),
    channel.command("cluster", ["slots"]),
  ]);
  // A node that was cut off from the majority tells how things were; when all do, the cluster is down.
  if (!String(state).includes("cluster_state:ok")) {
    throw new ServerError("The Redis Cluster is down: it misses masters, or a majority of them", { retryable: true });
  }
  return SlotMap.parse(slots, host);
}

/** Of several reasons one that the user can do something about: what a server answered before what did not answer. */
function reasonOf(error: unknown): Error {
  const all: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const reasons = all.flatMap((reason) => (reason instanceof AggregateError ? reason.errors : [reason]));
  const failures = reasons.filter((reason): reason is Error => reason instanceof Error);
  return (
    failures.find((reason) => !(reason instanceof ConnectionError)) ??
    failures[0] ??
    new ConnectionError("No node of the Redis Cluster can be reached")
  );
}
