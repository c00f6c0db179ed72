import { describe, expect, it } from "@jest/globals";
import { integer } from "./der.js";

describe("an integer in DER", () => {
  it.each([
    ["a small one", "05", "020105"],
    ["one whose highest bit is set, which would be negative", "80", "02020080"],
    ["one with leading zeros, which readers refuse", "000005", "020105"],
    ["one with a leading zero that is needed", "0080", "02020080"],
    ["zero", "0000", "020100"],
  ])("encodes %s in the one form there is", (_, bytes, encoded) => {
    expect(integer(Buffer.from(bytes, "hex")).toString("hex")).toBe(encoded);
  });
});
