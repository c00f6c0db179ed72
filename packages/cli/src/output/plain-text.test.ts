import { describe, expect, it } from "@jest/globals";
import { cut, manyLines, oneLine } from "./plain-text.js";

describe("oneLine", () => {
  it("shows escape sequences instead of obeying them, and joins lines", () => {
    expect(oneLine("a\u001b[2Jb\r\nc\u0007")).toBe("a\\x1b[2Jb  c\\x07");
  });
});

describe("manyLines", () => {
  it("keeps lines and tabs, and nothing else that controls a terminal", () => {
    expect(manyLines("a\n\tb\u001b]0;c\u0007\r")).toBe("a\n\tb\\x1b]0;c\\x07\\x0d");
  });
});

describe("cut", () => {
  it("marks what was cut", () => {
    expect(cut("abcdef", 4)).toBe("abc…");
    expect(cut("abcd", 4)).toBe("abcd");
  });
});
