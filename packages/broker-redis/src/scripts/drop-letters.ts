import type { QueueKeys } from "../keys.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Deletes every dead letter of a queue.
 *
 * KEYS 1 dead letters
 * Returns how many there were
 */
const dropLetters = defineScript(`
local count = redis.call('XLEN', KEYS[1])
redis.call('UNLINK', KEYS[1])
return count
`);

/** Deletes every dead letter of a queue, and returns how many there were. */
export async function dropAllLetters(channel: CommandChannel, keys: QueueKeys): Promise<number> {
  return (await runScript(channel, dropLetters, [keys.deadLetters], [])) as number;
}
