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

  it("belong to a consumer, or wait for one", () => {
    const held = new HeldDeliveries();
    const [handedOut, waiting] = [delivery("1-0"), delivery("2-0")];
    const consumer = {} as Consumer;
    handedOut.consumer = consumer;
    held.add(handedOut);
    held.add(waiting);
    expect([held.of(consumer), held.of(undefined)]).toEqual([[handedOut], [waiting]]);
  });
});
