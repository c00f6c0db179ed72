import { describe, expect, it } from "@jest/globals";
import { redactUrls } from "./redact.js";

describe("redactUrls", () => {
  it.each([
    ["redis://user:pa55@host:6379/0", "redis://[redacted]@host:6379/0"],
    ["redis://:pa55@host", "redis://[redacted]@host"],
    ["rediss://:p@/ss@host", "rediss://[redacted]@host"],
    ["cannot reach amqps://a:b@h, nor amqp://c:d@i", "cannot reach amqps://[redacted]@h, nor amqp://[redacted]@i"],
    ["redis://host:6379", "redis://host:6379"],
    ["at file:///app/node_modules/.pnpm/a@1.0.0/b.js:1:2", "at file:///app/node_modules/.pnpm/a@1.0.0/b.js:1:2"],
    ["mail a@example.com", "mail a@example.com"],
  ])("turns %s into %s", (text, expected) => {
    expect(redactUrls(text)).toBe(expected);
  });

  it.each(["a.", "a://", "a://b@", "file:", "x"])("takes no longer for half a megabyte of %j", (piece) => {
    const text = piece.repeat(500_000 / piece.length);
    const began = performance.now();
    redactUrls(text);
    redactUrls(`${text}@`);
    // What grows with the square of the length would take a minute and more.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
