import { createHash } from "node:crypto";
import { serverErrorCode } from "../errors.js";

/** What a command takes; numbers are written in decimal. */
export type Argument = string | number | Buffer;

/** Something that sends one command and rejects with a `BrokerError`. Bulk replies are Buffers. */
export interface CommandChannel {
  command(name: string, args: Argument[]): Promise<unknown>;
}

/** A Lua script as the server knows it. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/** Makes a script of Lua text. */
export function defineScript(lua: string): Script {
  const text = lua.trim();
  return { lua: text, sha: createHash("sha1").update(text).digest("hex") };
}

/**
 * Runs a script. A server that does not know it (restarted, or `SCRIPT FLUSH`) has executed nothing, so it is sent
 * whole then; it knows it from there on.
 */
export async function runScript(
  channel: CommandChannel,
  script: Script,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<unknown> {
  const call: Argument[] = [script.sha, keys.length, ...keys, ...args];
  try {
    return await channel.command("evalsha", call);
  } catch (error) {
    if (serverErrorCode(error) !== "NOSCRIPT") throw error;
    call[0] = script.lua;
    return await channel.command("eval", call);
  }
}
