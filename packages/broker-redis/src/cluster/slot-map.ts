import { type HostPort, toAddress } from "../connection/host-port.js";
import { SLOTS } from "./hash-slot.js";

/** Which node serves which slot, as one node told. */
export class SlotMap {
  /** Every node that was named, replicas included. */
  readonly nodes: readonly HostPort[];
  readonly #masters: readonly HostPort[];
  /** Index into the masters by slot; -1 for a slot that nobody serves. */
  readonly #owners: Int16Array;

  private constructor(masters: readonly HostPort[], nodes: readonly HostPort[], owners: Int16Array) {
    this.#masters = masters;
    this.nodes = nodes;
    this.#owners = owners;
  }

  /** Reads the reply of CLUSTER SLOTS. A node without a name of its own is reached as the one that was asked. */
  static parse(reply: unknown, askedHost: string): SlotMap {
    const masters = new Map<string, { index: number; place: HostPort }>();
    const nodes = new Map<string, HostPort>();
    const owners = new Int16Array(SLOTS).fill(-1);
    // The shape of the reply: [[first slot, last slot, [host, port, id, ...], replicas...], ...].
    for (const [first, last, ...places] of reply as [number, number, ...[Buffer | null, number][]][]) {
      const all = places.map(([host, port]) => ({ host: nameOf(host, askedHost), port: Number(port) }));
      for (const place of all) nodes.set(toAddress(place), place);
      const [master] = all;
      if (master === undefined) continue;
      const known = masters.get(toAddress(master)) ?? { index: masters.size, place: master };
      masters.set(toAddress(master), known);
      owners.fill(known.index, first, last + 1);
    }
    return new SlotMap(
      [...masters.values()].map(({ place }) => place),
      [...nodes.values()],
      owners,
    );
  }

  /** The master of a slot; undefined if nobody serves it. */
  owner(slot: number): HostPort | undefined {
    return this.#masters[this.#owners[slot] ?? -1];
  }

  /** This map with one slot moved, as a node told that does not serve it any more. */
  with(slot: number, owner: HostPort): SlotMap {
    const masters = [...this.#masters, owner];
    const owners = Int16Array.from(this.#owners);
    const known = masters.findIndex((master) => toAddress(master) === toAddress(owner));
    owners[slot] = known;
    return new SlotMap(known === masters.length - 1 ? masters : this.#masters, [...this.nodes, owner], owners);
  }
}

function nameOf(host: Buffer | null, askedHost: string): string {
  const name = host === null ? "" : host.toString();
  return name === "" || name === "?" ? askedHost : name;
}
