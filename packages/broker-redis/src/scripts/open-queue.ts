import type { QueueKeys } from "../keys.js";
import { ALL_LEVELS, queueArguments, queueKeys } from "./queue-script.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Makes a queue ready for consumers: creates the groups that are missing, from the first entry on so that a backlog is
 * not skipped, and finds out whether this user may run what a consumer runs.
 *
 * KEYS of a queue script with all levels
 * ARGV 1 group, 2 levels, 3 consumer
 * Returns {used priorities, rights that are missing, as ACL SETUSER takes them...}
 */
const openQueue = defineScript(`
local group, consumer = ARGV[1], ARGV[3]
local refused = {}
-- Calls that change nothing: what counts is whether they are permitted.
local function probe(right, ...)
  local reply = redis.pcall(...)
  if type(reply) ~= 'table' or not reply.err then return end
  -- "can't run" or "can't access" up to 7.0, "no permissions" in newer ones.
  if string.find(reply.err, 'ermission', 1, true) or string.find(reply.err, "can't", 1, true) then
    refused[#refused + 1] = right
  end
end

local function ensure(key, start)
  -- Asked first, since a server without memory refuses to create even what exists.
  local pending = redis.pcall('XPENDING', key, group)
  if not pending.err then return end
  if not string.find(pending.err, 'NOGROUP', 1, true) then return pending end
  local created = redis.pcall('XGROUP', 'CREATE', key, group, start, 'MKSTREAM')
  if created.err then return created end
end

local used = redis.call('GET', KEYS[4]) or ''
local failed = ensure(KEYS[#KEYS], '0') or ensure(KEYS[5], '$')
for i = 1, #used do
  failed = failed or ensure(KEYS[#KEYS - tonumber(string.sub(used, i, i))], '0')
end
if failed then return failed end

local stream = KEYS[#KEYS]
probe('+time', 'TIME')
-- Asks for what is pending behind an id that is never reached; it also makes the consumer known to the group. The very
-- last id would mean the same as '>', and take a message.
local last = '18446744073709551615-0'
probe('+xreadgroup', 'XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1, 'STREAMS', stream, last)
probe('+xack', 'XACK', stream, group, '0-1')
probe('+xdel', 'XDEL', stream, '0-1')
probe('+xpending', 'XPENDING', stream, group, '0-1', '0-1', 1, consumer)
probe('+xclaim', 'XCLAIM', stream, group, consumer, 0, '0-1', 'JUSTID')
probe('+xrange', 'XRANGE', stream, '0-1', '0-1')
probe('+xadd', 'XADD', stream, '0-0', 'm', '')
probe('+xinfo|groups', 'XINFO', 'GROUPS', stream)
probe('+xgroup|delconsumer', 'XGROUP', 'DELCONSUMER', KEYS[5], group, '-')
probe('+zrange', 'ZRANGE', KEYS[1], 0, 0)
probe('+zadd', 'ZADD', KEYS[1], 'XX', 0, '-')
probe('+zrem', 'ZREM', KEYS[1], '-')
probe('+hget', 'HGET', KEYS[2], '-')
probe('+hset', 'HSET', KEYS[2], '-', '')
probe('+hdel', 'HDEL', KEYS[2], '-')
return {used, unpack(refused)}
`);

/** Creates what is missing, and returns the used priorities with the rights that this user lacks. */
export async function ensureQueue(
  channel: CommandChannel,
  keys: QueueKeys,
  consumer: string,
): Promise<{ readonly used: string; readonly refused: readonly string[] }> {
  const args = [...queueArguments(ALL_LEVELS), consumer];
  const reply = (await runScript(channel, openQueue, queueKeys(keys, ALL_LEVELS), args)) as Buffer[];
  const [used = "", ...refused] = reply.map(String);
  return { used, refused };
}
