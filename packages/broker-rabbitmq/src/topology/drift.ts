import { ConfigError } from "@chicory/core";
import { codeOf } from "../errors.js";
import type { Arguments } from "./delay-levels.js";

/** One argument that a queue on the server has otherwise than the config says; undefined is "not set". */
export interface Difference {
  readonly argument: string;
  readonly wanted: string | number | boolean | undefined;
  readonly actual: string | number | boolean | undefined;
}

const INEQUIVALENT =
  /inequivalent arg '([^']+)' for (?:queue|exchange) '[^']*' in vhost '[^']*': received (.+?) but current is (.+)$/s;

/**
 * Reads the server's complaint about one argument; undefined if it is about something else. The server names only the
 * first that differs, so whoever wants all of them corrects that one and asks again.
 */
export function parseDifference(error: unknown, wanted: Arguments): Difference | undefined {
  if (codeOf(error) !== "PRECONDITION_FAILED" || !(error instanceof Error)) return undefined;
  const match = INEQUIVALENT.exec(error.message);
  const [, argument, , current] = match ?? [];
  if (argument === undefined || current === undefined) return undefined;
  return { argument, wanted: wanted[argument], actual: parseCurrent(current) };
}

/** `none`, `'quorum'`, `the value '9' of type 'signedint'`. */
function parseCurrent(text: string): string | number | boolean | undefined {
  if (text.startsWith("none")) return undefined;
  const value = /^(?:the value )?'(.*?)'(?: of type '(\w+)')?$/s.exec(text);
  const [, content = "", type] = value ?? [];
  if (type === "bool" || (type === undefined && /^(true|false)$/.test(content))) return content === "true";
  if (type !== undefined && !/str/.test(type) && /^-?\d+$/.test(content)) return Number(content);
  return content;
}

/** The arguments with one of them made as the server has it. */
export function adopt(args: Arguments, { argument, actual }: Difference): Arguments {
  const { [argument]: _wanted, ...others } = args;
  return actual === undefined ? others : { ...others, [argument]: actual };
}

/** What is wrong with a queue, argument by argument, and how to mend it. */
export function driftError(queue: string, differences: readonly Difference[]): ConfigError {
  const list = differences.map(
    ({ argument, wanted, actual }) => `${argument} is ${show(actual)} and should be ${show(wanted)}`,
  );
  return new ConfigError(
    `Queue "${queue}" exists on RabbitMQ with other arguments than the config says: ${list.join("; ")}. ` +
      "Make the config equal to the queue; or drain the queue, delete it (rabbitmqctl delete_queue) and let it be declared anew; or set topology to none to use it as it is",
  );
}

function show(value: string | number | boolean | undefined): string {
  if (value === undefined) return "not set";
  return typeof value === "string" ? `"${value}"` : String(value);
}
