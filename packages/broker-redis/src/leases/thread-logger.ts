import type { Logger } from "@chicory/core";

/** A line of a log on its way to another thread. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger whose lines are written by another thread. Fields must be such as can be sent there. */
export function threadLogger(send: (line: LogLine) => void, bound: LogLine["fields"] = {}): Logger {
  const method = (level: LogLine["level"]) => (fields: LogLine["fields"], message: string) =>
    send({ level, fields: { ...bound, ...fields }, message });
  return {
    debug: method("debug"),
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
    child: (fields) => threadLogger(send, { ...bound, ...fields }),
  };
}
