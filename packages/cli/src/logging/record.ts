import { redactUrls } from "../errors/redact.js";
import { cut } from "../output/plain-text.js";

/** Levels by severity. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** Severity of a line. */
export type Level = (typeof LEVELS)[number];

/** One line of the log before it is formatted: every value is something that JSON can carry. */
export interface LogRecord {
  readonly time: number;
  readonly level: Level;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Bounds of what one line may hold: a field that somebody filled with a megabyte must not fill a disk. */
const MAX_TEXT_LENGTH = 8_192;
const MAX_FIELDS = 64;
const MAX_DEPTH = 4;
const MAX_ITEMS = 32;

/** Brings a field's value into a form that JSON can carry, bounded, without secrets of URLs, and never throwing. */
export function plainField(value: unknown, withStack: boolean, depth = 0): unknown {
  switch (typeof value) {
    case "string":
      return cut(redactUrls(value), MAX_TEXT_LENGTH);
    case "number":
    case "boolean":
    case "undefined":
      return value;
    case "bigint":
      return value.toString();
    case "symbol":
    case "function":
      return `[${typeof value}]`;
    case "object":
      return value === null ? null : plainObject(value, withStack, depth);
  }
}

function plainObject(value: object, withStack: boolean, depth: number): unknown {
  if (depth >= MAX_DEPTH) return "[object]";
  const inner = (item: unknown) => plainField(item, withStack, depth + 1);
  try {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
    if (value instanceof Error) return plainError(value, withStack, depth);
    if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map(inner);
    const entries = Object.entries(value).slice(0, MAX_FIELDS);
    return Object.fromEntries(entries.map(([name, item]) => [name, inner(item)]));
  } catch {
    return "[unreadable]";
  }
}

function plainError(error: Error, withStack: boolean, depth: number): object {
  const code: unknown = Reflect.get(error, "code");
  const { cause, stack } = error;
  return {
    name: plainField(error.name, withStack, depth),
    message: plainField(error.message, withStack, depth),
    ...(typeof code === "string" ? { code } : undefined),
    ...(withStack && stack !== undefined ? { stack: plainField(stack, withStack, depth) } : undefined),
    ...(cause instanceof Error ? { cause: plainField(cause, withStack, depth + 1) } : undefined),
  };
}
