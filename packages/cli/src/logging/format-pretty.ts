import type { Paint, Style } from "../output/color.js";
import { manyLines, oneLine } from "../output/plain-text.js";
import type { Level, LogRecord } from "./record.js";

const STYLES: Readonly<Record<Level, Style>> = { debug: "gray", info: "green", warn: "yellow", error: "red" };

/**
 * A line for people: `12:00:00.000 INFO  Sentence key=value ...`. Stacks of errors follow, indented. Whatever the
 * fields hold cannot reach the terminal as a control sequence.
 */
export function formatPretty({ time, level, message, fields }: LogRecord, paint: Paint): string {
  const clock = new Date(time).toISOString().slice(11, 23);
  const name = paint(STYLES[level], level.toUpperCase().padEnd(5));
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${paint("dim", `${oneLine(key)}=`)}${formatValue(value)}`);
  const stacks = Object.values(fields).flatMap(stackOf);
  return `${paint("dim", clock)} ${name} ${oneLine(message)}${pairs.join("")}\n${stacks.join("")}`;
}

function formatValue(value: unknown): string {
  if (isErrorLike(value)) return quoted(`${value.name}: ${value.message}`);
  if (typeof value === "string") return quoted(value);
  return oneLine(JSON.stringify(value) ?? String(value));
}

function quoted(text: string): string {
  const line = oneLine(text);
  return line === "" || /[\s"=]/.test(line) ? JSON.stringify(line) : line;
}

function stackOf(value: unknown): string[] {
  if (!isErrorLike(value)) return [];
  const own = typeof value.stack === "string" ? [`${manyLines(value.stack).replace(/^/gm, "    ")}\n`] : [];
  return [...own, ...stackOf(value.cause)];
}

interface ErrorLike {
  readonly name: string;
  readonly message: string;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

function isErrorLike(value: unknown): value is ErrorLike {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "name") === "string" &&
    typeof Reflect.get(value, "message") === "string"
  );
}
