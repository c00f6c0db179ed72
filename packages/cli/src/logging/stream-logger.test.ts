import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { painter } from "../output/color.js";
import { type StreamLoggerOptions, streamLogger } from "./stream-logger.js";

function fixture(options: Partial<StreamLoggerOptions> = {}) {
  const stream = new PassThrough();
  const logger = streamLogger({ stream, level: "info", format: "json", paint: painter(false), ...options });
  const text = () => String(stream.read() ?? "");
  return { logger, text, json: () => JSON.parse(text()) as Record<string, unknown> };
}

describe("streamLogger", () => {
  it("writes a line of JSON with the fields of its parents", () => {
    const { logger, json } = fixture();
    logger.child({ queue: "emails" }).info({ running: 3 }, "Working");
    expect(json()).toEqual({ level: "info", time: expect.any(String), msg: "Working", queue: "emails", running: 3 });
  });

  it("writes a line for people", () => {
    const { logger, text } = fixture({ format: "pretty" });
    logger.warn({ queue: "a b", count: 2, nothing: undefined }, "Slow");
    expect(text()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}Slow queue="a b" count=2\n$/);
  });

  it("writes nothing below its level", () => {
    const { logger, text } = fixture({ level: "warn" });
    logger.info({}, "quiet");
    logger.error({}, "loud");
    expect(text()).toMatch(/^[^\n]*loud[^\n]*\n$/);
  });

  it("is silent when it should be", () => {
    const { logger, text } = fixture({ level: "silent" });
    logger.error({}, "loud");
    expect(text()).toBe("");
  });

  it("writes an error without its stack, and with it at level debug", () => {
    const error = new TypeError("wrong", { cause: new Error("deeper") });
    const quiet = fixture();
    quiet.logger.error({ error }, "Failed");
    expect(quiet.json().error).toEqual({
      name: "TypeError",
      message: "wrong",
      cause: { name: "Error", message: "deeper" },
    });
    const verbose = fixture({ level: "debug", format: "pretty" });
    verbose.logger.error({ error }, "Failed");
    expect(verbose.text()).toMatch(
      /Failed error="TypeError: wrong"\n {4}TypeError: wrong\n {8}at .*\n[\s\S]*Error: deeper\n {8}at /,
    );
  });

  it("keeps passwords in URLs out of messages, fields and errors", () => {
    const { logger, text } = fixture({ level: "debug" });
    const url = "redis://me:pa55@host";
    logger.error({ url, error: new Error(url), list: [url] }, `Lost ${url}`);
    expect(text()).not.toContain("pa55");
  });

  it("writes what JSON cannot carry, without throwing", () => {
    const circle: Record<string, unknown> = { big: 1n, when: new Date(0), fn: () => 1 };
    circle.self = circle;
    Object.defineProperty(circle, "bad", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    const { logger, json } = fixture();
    logger.info({ circle, ok: true }, "Odd");
    expect(json()).toMatchObject({ circle: "[unreadable]", ok: true });
  });

  it("cuts a field that is too long", () => {
    const { logger, text } = fixture();
    logger.info({ huge: "a".repeat(1_000_000) }, "Long");
    expect(text().length).toBeLessThan(10_000);
  });

  it("drops lines that nobody reads instead of keeping them, and says how many", () => {
    const taken: string[] = [];
    let resume: (() => void) | undefined;
    const stream = new Writable({
      decodeStrings: false,
      highWaterMark: 1,
      write: (chunk: string, _encoding, callback) => {
        taken.push(chunk);
        resume = callback;
      },
    });
    const { logger } = fixture({ stream });
    for (let line = 0; line < 1_000; line++) logger.info({ text: "x".repeat(4_096) }, "Busy");
    expect(stream.writableLength).toBeLessThan(1_100_000);
    const waiting = stream.writableLength;
    while (stream.writableLength > 0) resume?.();
    logger.info({}, "Back");
    while (stream.writableLength > 0) resume?.();
    expect(waiting).toBeGreaterThan(1_000_000);
    expect(taken.some((line) => /"msg":"Log lines were dropped","dropped":\d{3}/.test(line))).toBe(true);
  });
});
