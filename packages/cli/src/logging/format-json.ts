import type { LogRecord } from "./record.js";

/** One line of JSON: level, time (ISO 8601), msg, then the fields. A field cannot take the place of those three. */
export function formatJson({ time, level, message, fields }: LogRecord): string {
  return `${JSON.stringify({ level, time: new Date(time).toISOString(), msg: message, ...without(fields) })}\n`;
}

function without(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { level: _level, time: _time, msg: _msg, ...rest } = fields;
  return rest;
}
