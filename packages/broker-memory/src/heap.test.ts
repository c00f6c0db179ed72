import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Heap } from "./heap.js";

function popAll(heap: Heap<number>): number[] {
  const items: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) items.push(item);
  return items;
}

describe("a heap", () => {
  it("gives its items in their order, however they were added", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const heap = new Heap<number>((a, b) => a - b);
        for (const item of items) heap.push(item);
        expect(heap.size).toBe(items.length);
        expect(popAll(heap)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
  });

  it("keeps the order when items are added between", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 50 }), { minLength: 1 })), (rounds) => {
        const heap = new Heap<number>((a, b) => a - b);
        const model: number[] = [];
        for (const round of rounds) {
          for (const item of round) heap.push(item);
          model.push(...round);
          model.sort((a, b) => a - b);
          expect(heap.peek()).toBe(model[0]);
          expect(heap.pop()).toBe(model.shift());
        }
      }),
    );
  });

  it("is empty after it was cleared", () => {
    const heap = new Heap<number>((a, b) => a - b);
    heap.push(1);
    heap.clear();
    expect(heap.size).toBe(0);
    expect(heap.peek()).toBeUndefined();
    expect(heap.pop()).toBeUndefined();
  });
});
