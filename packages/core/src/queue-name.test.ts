import { describe, expect, it } from "@jest/globals";
import { assertQueueName, isQueueName } from "./queue-name.js";

describe("queue names", () => {
  it.each(["default", "a", "A-1_b.c", "x".repeat(200)])("accepts %s", (name) => {
    expect(assertQueueName(name)).toBe(name);
  });

  it.each(["", " ", "a b", "a:b", "{a}", "a/b", "ü", "a\n", "x".repeat(201), 5, 5n, undefined, null, {}])(
    "refuses %s",
    (name) => {
      expect(isQueueName(name)).toBe(false);
      expect(() => assertQueueName(name)).toThrow("is not a queue name: use 1 to 200 of the characters");
    },
  );
});
