import { describe, expect, it } from "@jest/globals";
import { randomId } from "./random-id.js";

const MANY = Array.from({ length: 5_000 }, () => randomId());

describe("a random id", () => {
  it("is a UUID of version 4", () => {
    for (const id of MANY) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("is made only once", () => {
    expect(new Set(MANY).size).toBe(MANY.length);
  });

  it("is random in every digit but the version", () => {
    for (let at = 0; at < 36; at++) {
      const digits = new Set(MANY.map((id) => id[at]));
      const expected = [8, 13, 18, 23, 14].includes(at) ? 1 : at === 19 ? 4 : 16;
      expect(digits.size).toBe(expected);
    }
  });
});
