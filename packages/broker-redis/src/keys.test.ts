import { describe, expect, it } from "@jest/globals";
import { hashSlot } from "./cluster/hash-slot.js";
import { KeyBuilder } from "./keys.js";

describe("the key builder", () => {
  const keys = new KeyBuilder("chicory");

  it("makes the keys that are documented", () => {
    const { streams, delayed, bodies, deadLetters, priorities, wake } = keys.queue("emails");
    expect(streams).toHaveLength(10);
    expect(streams[0]).toBe("chicory:stream:{emails}");
    expect(streams[9]).toBe("chicory:stream:{emails}:p9");
    expect(delayed).toBe("chicory:delayed:{emails}");
    expect(bodies).toBe("chicory:delayed:{emails}:m");
    expect(deadLetters).toBe("chicory:dlq:{emails}");
    expect(priorities).toBe("chicory:priorities:{emails}");
    expect(wake).toBe("chicory:wake:{emails}");
    expect(keys.dedupe("emails", "id-1")).toBe("chicory:dedupe:{emails}:id-1");
    expect(keys.registry).toBe("chicory:queues");
  });

  it("puts all keys of a queue on the slot of its name, whatever the ids of messages", () => {
    const queue = keys.queue("a.b-c_1");
    const all = [
      ...queue.streams,
      queue.delayed,
      queue.bodies,
      queue.deadLetters,
      queue.priorities,
      queue.wake,
      keys.dedupe("a.b-c_1", "{other}"),
      keys.dedupe("a.b-c_1", "}{"),
    ];
    expect(new Set(all.map(hashSlot))).toEqual(new Set([hashSlot("a.b-c_1")]));
  });

  it("spreads different queues over the slots", () => {
    const slots = Array.from({ length: 100 }, (_, index) => hashSlot(keys.queue(`q${index}`).delayed));
    expect(new Set(slots).size).toBeGreaterThan(90);
  });

  it("agrees with the cluster specification about slots", () => {
    // The reference values of the specification's CRC16.
    expect(hashSlot("123456789")).toBe(0x31c3 % 16_384);
    expect(hashSlot("foo{}{bar}")).not.toBe(hashSlot("bar"));
    expect(hashSlot("foo{{bar}}zap")).toBe(hashSlot("{bar"));
  });
});
