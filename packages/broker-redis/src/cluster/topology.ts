import { setTimeout as sleep } from "node:timers/promises";
import { ClosedError, type Logger } from "@chicory/core";
import { type HostPort, toAddress } from "../connection/host-port.js";
import type { SlotMap } from "./slot-map.js";

/** Pause between two looks at the map while something is wrong, in milliseconds. */
const WATCH_PAUSE_MS = 500;

/** What a topology works with. */
export interface TopologyOptions {
  readonly read: () => Promise<SlotMap>;
  readonly logger: Logger;
  /** Whether the map must be looked at again and again, as when a master does not answer. */
  readonly isTroubled: () => boolean;
}

/** The slot map as it is known now, and when it changes. */
export class Topology {
  readonly #options: TopologyOptions;
  readonly #listeners = new Set<(before: SlotMap | undefined) => void>();
  #map: SlotMap | undefined;
  #reading: Promise<void> | undefined;
  #watching = false;
  #closed = false;

  constructor(options: TopologyOptions) {
    this.#options = options;
  }

  /** The master of a slot as far as is known. */
  owner(slot: number): HostPort | undefined {
    return this.#map?.owner(slot);
  }

  /** Resolves when a map is known. Rejects with the reason if none can be read. */
  async load(): Promise<void> {
    this.assertOpen();
    if (this.#map === undefined) await this.refresh();
  }

  /** Reads the map, or waits for a reading that is under way. Rejects with the reason if none can be read. */
  refresh(): Promise<void> {
    this.#reading ??= this.#options
      .read()
      .then((map) => this.#change(map))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  /** Takes in what a node said about one slot that it does not serve, and reads the rest. */
  moved(slot: number, to: HostPort): void {
    const owner = this.#map?.owner(slot);
    if (this.#map === undefined || (owner !== undefined && toAddress(owner) === toAddress(to))) return;
    this.#change(this.#map.with(slot, to));
    this.look();
  }

  /** Reads the map in the background, and again and again as long as there is trouble. */
  look(): void {
    if (!this.#watching) void this.#watch();
  }

  /** Calls back at every change, until the returned function is called. */
  onChange(listener: (before: SlotMap | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Throws a `ClosedError` once it is closed. */
  assertOpen(): void {
    if (this.#closed) throw new ClosedError("The Redis broker was closed");
  }

  /** Reads no more. */
  close(): void {
    this.#closed = true;
    this.#listeners.clear();
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    do {
      await this.refresh().catch((error: unknown) => {
        this.#options.logger.debug({ err: error }, "The slots of the cluster could not be read");
      });
      await sleep(WATCH_PAUSE_MS, undefined, { ref: false });
    } while (!this.#closed && this.#options.isTroubled());
    this.#watching = false;
  }

  #change(map: SlotMap): void {
    if (this.#closed) return;
    const before = this.#map;
    this.#map = map;
    for (const listener of [...this.#listeners]) listener(before);
  }
}
