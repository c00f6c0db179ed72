import { describe, expect, it } from "@jest/globals";
import { hashSlot } from "./hash-slot.js";
import { SlotMap } from "./slot-map.js";

const A = { host: "10.0.0.1", port: 7000 };
const B = { host: "10.0.0.2", port: 7000 };
const REPLICA = { host: "10.0.0.3", port: 7001 };

/** As CLUSTER SLOTS answers. */
function entry(first: number, last: number, ...places: { host: string | null; port: number }[]): unknown {
  return [
    first,
    last,
    ...places.map(({ host, port }) => [host === null ? null : Buffer.from(host), port, Buffer.from("id")]),
  ];
}

describe("a slot map", () => {
  const map = SlotMap.parse([entry(0, 99, A, REPLICA), entry(100, 199, B), entry(300, 300, A, REPLICA)], "asked");

  it("knows the master of every slot that is served", () => {
    expect([0, 99, 300].map((slot) => map.owner(slot))).toEqual([A, A, A]);
    expect([100, 199].map((slot) => map.owner(slot))).toEqual([B, B]);
    expect([200, 299, 301, 16_383].map((slot) => map.owner(slot))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("names every node, replicas included", () => {
    expect(map.nodes).toEqual([A, REPLICA, B]);
  });

  it("takes a node without a name for the one that was asked", () => {
    const names = [null, "", "?"].map((host) => SlotMap.parse([entry(0, 1, { host, port: 7 })], "asked").owner(0));
    expect(names).toEqual(Array(3).fill({ host: "asked", port: 7 }));
  });

  it("moves one slot to a master that it knows, or to a new one, and leaves the others", () => {
    const known = map.with(99, B);
    expect([98, 99, 100].map((slot) => known.owner(slot))).toEqual([A, B, B]);
    const fresh = map.with(99, REPLICA);
    expect([98, 99, 100].map((slot) => fresh.owner(slot))).toEqual([A, REPLICA, B]);
    expect(map.owner(99)).toEqual(A);
  });
});

describe("the slot of a key", () => {
  it("is what the specification says, and that of its hash tag", () => {
    expect(hashSlot("123456789")).toBe(12_739);
    expect(hashSlot("chicory:stream:{work}:p3")).toBe(hashSlot("work"));
    expect(hashSlot("{}x")).not.toBe(hashSlot("{}y"));
  });
});
