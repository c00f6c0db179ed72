import type { QueueKeys } from "../keys.js";
import { ALL_LEVELS, queueArguments, queueKeys } from "./queue-script.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Makes a queue ready for consumers: creates the groups that are missing, from the first entry on so that a backlog is
 * not skipped, and finds out whether this user may run what a consumer runs.
 *
 * KEYS of a queue script with all levels
 * ARGV 1 group, 2 levels, 3 consumer
 * Returns {used priorities, server's texts of commands that were refused...}
 */
const openQueue = defineScript(`
local group, consumer = ARGV[1], ARGV[3]
local refused = {}
-- Calls that change nothing: what counts is whether they are permitted.
local function probe(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err and (string.find(reply.err, 'NOPERM', 1, true) or string.find(reply.err, "can't", 1, true)) then
    refused[#refused + 1] = reply.err
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
probe('TIME')
probe('XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1, 'STREAMS', stream, '0')
probe('XACK', stream, group, '0-1')
probe('XDEL', stream, '0-1')
probe('XPENDING', stream, group, '0-1', '0-1', 1, consumer)
probe('XCLAIM', stream, group, consumer, 0, '0-1', 'JUSTID')
probe('XRANGE', stream, '0-1', '0-1')
probe('XADD', stream, '0-0', 'm', '')
probe('XINFO', 'GROUPS', stream)
probe('XGROUP', 'DELCONSUMER', KEYS[5], group, '-')
probe('ZRANGE', KEYS[1], 0, 0)
probe('ZADD', KEYS[1], 'XX', 0, '-')
probe('ZREM', KEYS[1], '-')
probe('HGET', KEYS[2], '-')
probe('HSET', KEYS[2], '-', '')
probe('HDEL', KEYS[2], '-')
return {used, unpack(refused)}
`);

/** Creates what is missing, and returns the used priorities with what this user may not do. */
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
