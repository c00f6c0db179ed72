import { describe, expect, it } from "@jest/globals";
import { FetchSize } from "./fetch-size.js";

const entries = (count: number, bytes: number) =>
  Array.from({ length: count }, () => ({ content: Buffer.alloc(bytes) }));

describe("how many entries are fetched at once", () => {
  it("is limited by number while messages are small", () => {
    const size = new FetchSize();
    expect(size.limit).toBe(256);
    size.observe(entries(100, 500));
    expect(size.limit).toBe(256);
  });

  it("shrinks with large messages, but never to none, and grows again", () => {
    const size = new FetchSize();
    for (let step = 0; step < 20; step++) size.observe(entries(4, 1_048_576));
    expect(size.limit).toBe(8);
    for (let step = 0; step < 20; step++) size.observe(entries(1, 20_000_000));
    expect(size.limit).toBe(1);
    for (let step = 0; step < 40; step++) size.observe(entries(1, 100));
    expect(size.limit).toBe(256);
  });

  it("is not changed by an empty queue", () => {
    const size = new FetchSize();
    for (let step = 0; step < 20; step++) size.observe(entries(1, 1_048_576));
    const { limit } = size;
    size.observe([]);
    expect(size.limit).toBe(limit);
  });
});
