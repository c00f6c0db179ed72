import type { Consumer } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { HeldDeliveries } from "./held-deliveries.js";
import { RedisDelivery } from "./redis-delivery.js";

const delivery = (entryId: string, priority = 0) => new RedisDelivery("q", priority, entryId, Buffer.alloc(0), 1, 0);

describe("the deliveries that a process holds", () => {
  it("are each there once, whichever way an entry came", () => {
    const held = new HeldDeliveries();
    const first = delivery("1-0");
    expect(held.add(first)).toBe(true);
    expect(held.add(delivery("1-0"))).toBe(false);
    expect(held.all()).toEqual([first]);
    held.remove(first);
    expect(held.add(delivery("1-0"))).toBe(true);
  });

  it("are told apart by the stream that they are from", () => {
    const held = new HeldDeliveries();
    expect([held.add(delivery("1-0")), held.add(delivery("1-0", 5))]).toEqual([true, true]);
    expect([held.has(0, "1-0"), held.has(5, "1-0"), held.has(9, "1-0")]).toEqual([true, true, false]);
  });

  it("are known again however old they are among those that are held", () => {
    const held = new HeldDeliveries();
    const ids = ["7-0", "10-1", "9-5", "10-0", "8-0"];
    for (const id of ids) expect(held.add(delivery(id))).toBe(true);
    for (const id of ids) expect([held.add(delivery(id)), held.has(0, id)]).toEqual([false, true]);
    expect([held.has(0, "8-1"), held.has(0, "10-2"), held.size]).toEqual([false, false, ids.length]);
  });

  it("leave one by one, each once", () => {
    const held = new HeldDeliveries();
    const [first, second, third] = [delivery("1-0"), delivery("2-0"), delivery("3-0")];
    for (const each of [first, second, third]) held.add(each);
    held.remove(first);
    held.remove(first);
    expect([held.has(0, "1-0"), held.has(0, "2-0"), held.has(0, "3-0")]).toEqual([false, true, true]);
    held.remove(third);
    held.remove(second);
    expect(held.size).toBe(0);
    expect(held.add(delivery("1-0"))).toBe(true);
  });

  it("do not leave for another delivery of the same entry", () => {
    const held = new HeldDeliveries();
    const before = delivery("1-0");
    held.add(before);
    held.remove(before);
    held.add(delivery("1-0"));
    held.remove(before);
    expect(held.has(0, "1-0")).toBe(true);
  });

  it("belong to a consumer, or wait for one", () => {
    const held = new HeldDeliveries();
    const [handedOut, waiting] = [delivery("1-0"), delivery("2-0")];
    const consumer = {} as Consumer;
    handedOut.consumer = consumer;
    held.add(handedOut);
    held.add(waiting);
    expect([held.of(consumer), held.of(undefined)]).toEqual([[handedOut], [waiting]]);
  });

  it("are given back in the order in which they were stored", () => {
    const held = new HeldDeliveries();
    const all = ["9-0", "10-0", "10-2", "10-10", "11-0"].map((id) => delivery(id));
    for (const each of all) held.add(each);
    held.remove(all[0] as RedisDelivery);
    expect(held.of(undefined)).toEqual(all.slice(1));
  });
});
