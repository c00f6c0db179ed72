import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError } from "@chicory/core";
import type { Link } from "../connection/link.js";
import type { Channel, Route } from "../connection/route.js";
import { redirectOf } from "./redirect.js";
import type { Topology } from "./topology.js";

/** Pause before a master that cannot be reached is tried again, in milliseconds. */
const PAUSE_MS = 100;

/** What a route works with. */
export interface SlotRouteOptions {
  readonly topology: Topology;
  /** The link to the slot's master as it is known now; undefined if nobody serves the slot. */
  readonly link: () => Link | undefined;
  /** The host of that master, which answers may leave out. */
  readonly host: () => string | undefined;
  /** The channel at the end of a link that is connected; the link's own connection if not given. */
  readonly channel?: (route: Route) => Channel;
  /** Longest wait for a master that can be reached, in milliseconds. */
  readonly waitMs: number;
  /** The cluster as error messages name it while nobody serves the slot. */
  readonly address: string;
}

/** The way to whichever master serves a slot. */
export class SlotRoute implements Route {
  readonly #options: SlotRouteOptions;
  readonly #channel: Channel | undefined;

  constructor(options: SlotRouteOptions) {
    this.#options = options;
    this.#channel = options.channel?.(this);
  }

  get address(): string {
    return this.#options.link()?.address ?? this.#options.address;
  }

  get current(): Channel | undefined {
    const connection = this.#options.link()?.current;
    return connection === undefined ? undefined : (this.#channel ?? connection);
  }

  async ready(): Promise<Channel> {
    const { topology, link: owner, waitMs, address } = this.#options;
    const deadline = performance.now() + waitMs;
    await topology.load();
    for (;;) {
      topology.assertOpen();
      const { current } = this;
      if (current !== undefined) return current;
      const link = owner();
      let failure: Error = new ConnectionError(`No node of ${address} serves this queue at the moment`);
      if (link !== undefined) {
        try {
          if (await this.#connectedOrMoved(link)) continue;
        } catch (error) {
          failure = error instanceof Error ? error : new ConnectionError(String(error));
        }
      }
      // Also for the next who asks: an attempt to connect may take all the time that there is.
      topology.look();
      if (performance.now() >= deadline) throw failure;
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
  }

  reconsider(_: Channel, error: Error): void {
    const { topology, host } = this.#options;
    const redirect = redirectOf(error, host() ?? "");
    if (redirect?.kind === "moved") topology.moved(redirect.slot, redirect.to);
    else if (redirect !== undefined) topology.look();
  }

  /** Waits until the link is connected, which is true, or another master may have taken over. */
  async #connectedOrMoved(link: Link): Promise<boolean> {
    let stop: () => void = () => undefined;
    const changed = new Promise<false>((resolve) => {
      stop = this.#options.topology.onChange(() => resolve(false));
    });
    try {
      return await Promise.race([link.ready().then(() => true), changed]);
    } finally {
      stop();
    }
  }
}
