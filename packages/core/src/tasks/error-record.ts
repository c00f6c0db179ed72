import type { ErrorRecord } from "../driver/dead-letter.js";

/** Longest message and stack that are stored, in characters: room for a readable trace, bounded whatever is thrown. */
const MAX_MESSAGE_LENGTH = 4_096;
const MAX_STACK_LENGTH = 8_192;

/** Turns whatever a handler threw into data, cut to bounded lengths. It never throws, whatever it is given. */
export function toErrorRecord(error: unknown): ErrorRecord {
  try {
    return read(error);
  } catch {
    // A getter that throws, or a proxy that was revoked.
    return { name: "NonError", message: "A value was thrown that cannot be read" };
  }
}

function read(error: unknown): ErrorRecord {
  if (!(error instanceof Error)) return { name: "NonError", message: cut(describe(error), MAX_MESSAGE_LENGTH) };
  const code: unknown = Reflect.get(error, "code");
  return {
    name: cut(text(error, "name", "Error"), MAX_MESSAGE_LENGTH),
    message: cut(text(error, "message", ""), MAX_MESSAGE_LENGTH),
    ...(typeof code === "string" ? { code: cut(code, MAX_MESSAGE_LENGTH) } : undefined),
    ...(typeof error.stack === "string" ? { stack: cut(error.stack, MAX_STACK_LENGTH) } : undefined),
  };
}

function text(error: Error, field: "name" | "message", fallback: string): string {
  const value: unknown = error[field];
  return typeof value === "string" ? value : fallback;
}

function describe(value: unknown): string {
  try {
    return typeof value === "string" ? value : `A value was thrown that is no Error: ${String(value)}`;
  } catch {
    // An object without a prototype, or with a throwing toString.
    return `A value was thrown that is no Error, of type ${typeof value}`;
  }
}

function cut(value: string, length: number): string {
  return value.length <= length ? value : `${value.slice(0, length - 1)}…`;
}
