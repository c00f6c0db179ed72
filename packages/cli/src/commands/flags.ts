import { isQueueName, MAX_PRIORITY } from "@chicory/core";
import { UsageError } from "../errors/command-error.js";

/**
 * Readers of flags' values. Every flag arrives as text and is read here, so that a number that is none is an error
 * instead of NaN, and a flag that was not given stays undefined: a default would win over config and environment.
 */

/** What yargs hands over for a flag that takes a value: an array if it was given more than once. */
type FlagText = string | readonly string[];

function single(flag: string, text: FlagText): string {
  if (typeof text === "string") return text;
  throw new UsageError(`--${flag} was given ${text.length} times: give it once`);
}

/** Reads a flag that may be given once. */
export function textFlag(flag: string): (text: FlagText) => string {
  return (text) => single(flag, text);
}

/** Reads a whole number from `minimum` on. */
export function wholeNumberFlag(
  flag: string,
  minimum: number,
  maximum = Number.MAX_SAFE_INTEGER,
): (text: FlagText) => number {
  return (text) => {
    const given = single(flag, text).trim();
    const number = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
    if (number >= minimum && number <= maximum) return number;
    const range = maximum === Number.MAX_SAFE_INTEGER ? `from ${minimum}` : `from ${minimum} to ${maximum}`;
    throw new UsageError(`--${flag} is "${given}", and must be a whole number ${range}`);
  };
}

/** Reads a number above 0, which need not be whole. */
export function positiveNumberFlag(flag: string): (text: FlagText) => number {
  return (text) => {
    const given = single(flag, text).trim();
    const number = /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
    if (number > 0 && Number.isFinite(number)) return number;
    throw new UsageError(`--${flag} is "${given}", and must be a number above 0`);
  };
}

/** Reads one of some words. */
export function choiceFlag<T extends string>(flag: string, choices: readonly T[]): (text: FlagText) => T {
  return (text) => {
    const given = single(flag, text);
    const choice = choices.find((candidate) => candidate === given);
    if (choice !== undefined) return choice;
    throw new UsageError(`--${flag} is "${given}", and must be one of ${choices.join(", ")}`);
  };
}

/** Reads a queue's name. */
export function queueFlag(flag: string): (text: FlagText) => string {
  return (text) => {
    const given = single(flag, text);
    if (isQueueName(given)) return given;
    throw new UsageError(`--${flag} is "${given}", which is no queue's name: use 1 to 200 of A-Z a-z 0-9 . _ -`);
  };
}

/** Reads a flag that may be given several times. */
export function listFlag(text: FlagText): readonly string[] {
  return typeof text === "string" ? [text] : text;
}

/** Reads a point in time. */
export function timeFlag(flag: string): (text: FlagText) => Date {
  return (text) => {
    const given = single(flag, text);
    const time = new Date(given);
    // `new Date` takes much that means different things in different places; ISO 8601 does not.
    if (/^\d{4}-\d\d-\d\d([T ]|$)/.test(given) && !Number.isNaN(time.getTime())) return time;
    throw new UsageError(`--${flag} is "${given}", and must be a time of ISO 8601, such as 2030-12-31T23:59:00Z`);
  };
}

/** Reads headers: `key=value`, any number of them. */
export function headersFlag(flag: string): (text: FlagText) => Readonly<Record<string, string>> {
  return (text) => {
    const headers = listFlag(text).map((header): [string, string] => {
      const equals = header.indexOf("=");
      if (equals > 0) return [header.slice(0, equals), header.slice(equals + 1)];
      throw new UsageError(`--${flag} must be key=value, and one of them has ${equals === 0 ? "no key" : "no ="}`);
    });
    return Object.fromEntries(headers);
  };
}

/** Reads a message's priority. */
export const priorityFlag = wholeNumberFlag("priority", 0, MAX_PRIORITY);
