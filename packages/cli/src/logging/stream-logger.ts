import type { Writable } from "node:stream";
import type { Logger, LogMethod } from "@chicory/core";
import type { Paint } from "../output/color.js";
import { formatJson } from "./format-json.js";
import { formatPretty } from "./format-pretty.js";
import { LEVELS, type Level, type LogRecord, plainField } from "./record.js";

/** How lines look. */
export const LOG_FORMATS = ["pretty", "json"] as const;

/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** How a logger writes. */
export interface StreamLoggerOptions {
  readonly stream: Writable;
  /** Least severe level that is written. */
  readonly level: Level | "silent";
  readonly format: LogFormat;
  readonly paint: Paint;
}

/**
 * Most bytes that may wait in the stream. A reader of stderr that stands still must not fill the worker's memory: from
 * here on lines are dropped, and counted.
 */
const MAX_WAITING_BYTES = 1_048_576;

/**
 * A logger on a stream. It is small on purpose: an app that wants more than a level and two formats passes its own
 * logger, such as pino, to `new Chicory({ logger })`, and a command should not install a second one beside it.
 */
export function streamLogger(options: StreamLoggerOptions): Logger {
  return new StreamLogger(new LineWriter(options), {});
}

class StreamLogger implements Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly #writer: LineWriter;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(writer: LineWriter, fields: Readonly<Record<string, unknown>>) {
    this.#writer = writer;
    this.#fields = fields;
    this.debug = this.#method("debug");
    this.info = this.#method("info");
    this.warn = this.#method("warn");
    this.error = this.#method("error");
  }

  child(fields: Readonly<Record<string, unknown>>): Logger {
    return new StreamLogger(this.#writer, { ...this.#fields, ...fields });
  }

  #method(level: Level): LogMethod {
    if (!this.#writer.writes(level)) return () => undefined;
    return (fields, message) => this.#writer.write(level, { ...this.#fields, ...fields }, message);
  }
}

class LineWriter {
  readonly #options: StreamLoggerOptions;
  #dropped = 0;

  constructor(options: StreamLoggerOptions) {
    this.#options = options;
  }

  writes(level: Level): boolean {
    const { level: least } = this.#options;
    return least !== "silent" && LEVELS.indexOf(level) >= LEVELS.indexOf(least);
  }

  write(level: Level, fields: Readonly<Record<string, unknown>>, message: string): void {
    const { stream } = this.#options;
    if (stream.destroyed || stream.writableLength > MAX_WAITING_BYTES) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      stream.write(
        this.#line({ time: Date.now(), level: "warn", message: "Log lines were dropped", fields: { dropped } }),
      );
    }
    const withStack = this.#options.level === "debug";
    const plain = plainField(fields, withStack);
    // A record of fields becomes a record, unless it cannot even be read.
    const record = typeof plain === "object" && plain !== null ? (plain as Record<string, unknown>) : {};
    stream.write(
      this.#line({ time: Date.now(), level, message: String(plainField(message, withStack)), fields: record }),
    );
  }

  #line(record: LogRecord): string {
    return this.#options.format === "json" ? formatJson(record) : formatPretty(record, this.#options.paint);
  }
}
