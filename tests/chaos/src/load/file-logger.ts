import { writeSync } from "node:fs";
import type { Logger } from "@chicory/core";

/** Logs warnings and errors to a file descriptor, a line each, for whoever looks into a run that failed. */
export function fileLogger(file: number, bound: Readonly<Record<string, unknown>> = {}): Logger {
  const log = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    const { err, ...rest } = { ...bound, ...fields };
    const error = err instanceof Error ? { err: `${err.name}: ${err.message}` } : {};
    writeSync(file, `${new Date().toISOString()} ${level} ${message} ${JSON.stringify({ ...rest, ...error })}\n`);
  };
  const ignore = () => undefined;
  return {
    debug: ignore,
    info: ignore,
    warn: log("warn"),
    error: log("error"),
    child: (fields) => fileLogger(file, { ...bound, ...fields }),
  };
}
