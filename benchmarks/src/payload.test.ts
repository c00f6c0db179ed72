import { describe, expect, it } from "@jest/globals";
import { indexOf, PAYLOAD_BYTES, payload, payloads } from "./payload.js";

describe("payload", () => {
  it("has the same size whatever its number", () => {
    for (const index of [0, 1, 999_999, 8_999_999]) {
      expect(Buffer.byteLength(JSON.stringify(payload(index)))).toBe(PAYLOAD_BYTES);
    }
  });

  it("has the size that is asked for", () => {
    expect(Buffer.byteLength(JSON.stringify(payload(7, 16_384)))).toBe(16_384);
  });

  it("is known again by its number", () => {
    expect(indexOf(payload(42))).toBe(42);
  });

  it("refuses a number that would change the size", () => {
    expect(() => payload(9_000_000)).toThrow(RangeError);
  });

  it("comes in a row", () => {
    expect(payloads(3, 5).map(indexOf)).toEqual([3, 4]);
  });
});
