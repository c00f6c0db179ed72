import type { QueueDepth } from "@chicory/core";
import { GROUP, type QueueKeys } from "../keys.js";
import { ALL_LEVELS, queueKeys } from "./queue-script.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Counts a queue at one moment. Delayed messages that are due count as ready, whether or not a consumer moved them.
 *
 * KEYS of a queue script with all levels
 * ARGV 1 group
 * Returns {ready, delayed, in flight, dead letters}
 */
const depth = defineScript(`
local stored, pending = 0, 0
for k = 6, #KEYS do
  local length = redis.call('XLEN', KEYS[k])
  if length > 0 then
    stored = stored + length
    local summary = redis.pcall('XPENDING', KEYS[k], ARGV[1])
    if not summary.err then pending = pending + summary[1] end
  end
end
local t = redis.call('TIME')
local now = string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000))
local due = redis.call('ZCOUNT', KEYS[1], '-inf', now)
local delayed = redis.call('ZCARD', KEYS[1]) - due
return {math.max(0, stored - pending) + due, delayed, pending, redis.call('XLEN', KEYS[3])}
`);

/** Counts a queue. */
export async function countQueue(channel: CommandChannel, keys: QueueKeys): Promise<QueueDepth> {
  const counts = (await runScript(channel, depth, queueKeys(keys, ALL_LEVELS), [GROUP])) as number[];
  const [ready = 0, delayed = 0, inFlight = 0, deadLetters = 0] = counts;
  return { queue: keys.queue, ready, delayed, inFlight, deadLetters };
}
