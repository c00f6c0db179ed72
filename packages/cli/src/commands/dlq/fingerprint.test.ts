import { describe, expect, it } from "@jest/globals";
import { fingerprint } from "./fingerprint.js";

const of = (message: string, name = "Error") => fingerprint({ error: { name, message } });

describe("fingerprint", () => {
  it("is the same for messages that differ in numbers, ids and quoted text", () => {
    expect(of('User 17 not found in "a"')).toBe(of('User 4711 not found in "b"'));
    expect(of("no order 3f0c5d6e-98a4-4c11-9d5c-0d2f6a1b2c3d")).toBe("Error: no order <uuid>");
    expect(of("hash deadbeefdeadbeef is wrong")).toBe("Error: hash <hex> is wrong");
  });

  it("differs for other errors and other messages", () => {
    expect(of("a")).not.toBe(of("b"));
    expect(of("a")).not.toBe(of("a", "TypeError"));
  });

  it("looks at the first line only, and is empty without an error", () => {
    expect(of("first\nsecond 1")).toBe("Error: first");
    expect(fingerprint({})).toBe("");
  });
});
