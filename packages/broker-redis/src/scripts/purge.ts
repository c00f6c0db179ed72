import { GROUP, type QueueKeys } from "../keys.js";
import { ALL_LEVELS, queueKeys } from "./queue-script.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/** Most messages of each kind that one call deletes: a few milliseconds of the server's time. */
const PURGE_LIMIT = 2_000;

/** Most messages whose bodies one call reads, where ids cannot be had without. */
const READ_LIMIT = 100;

/**
 * Deletes some of the messages that nobody holds: delayed ones, and those behind the last one that was handed out.
 *
 * KEYS of a queue script with all levels
 * ARGV 1 group
 * Returns {how many were deleted, 1 if more may be left or 0}
 */
const purge = defineScript(`
local deleted, more = 0, 0

local members = redis.call('ZRANGE', KEYS[1], 0, ${PURGE_LIMIT} - 1)
if #members > 0 then
  redis.call('ZREM', KEYS[1], unpack(members))
  redis.call('HDEL', KEYS[2], unpack(members))
  deleted = #members
  more = 1
end

local function lastHandedOut(stream)
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local field = {}
    for i = 1, #group, 2 do field[group[i]] = group[i + 1] end
    if field['name'] == ARGV[1] then return field['last-delivered-id'] end
  end
  return '0-0'
end

for k = 6, #KEYS do
  local stream = KEYS[k]
  local length = redis.call('XLEN', stream)
  local pending = redis.pcall('XPENDING', stream, ARGV[1])
  if length == 0 then
    pending = nil
  elseif pending.err or pending[1] == 0 then
    deleted = deleted + redis.call('XTRIM', stream, 'MAXLEN', math.max(0, length - ${PURGE_LIMIT}))
    if length > ${PURGE_LIMIT} then more = 1 end
  else
    local entries = redis.call('XRANGE', stream, '(' .. lastHandedOut(stream), '+', 'COUNT', ${READ_LIMIT})
    for i = 1, #entries do deleted = deleted + redis.call('XDEL', stream, entries[i][1]) end
    if #entries == ${READ_LIMIT} then more = 1 end
  end
end
return {deleted, more}
`);

/** Deletes some of the messages that nobody holds, and says whether more may be left. */
export async function purgeSome(
  channel: CommandChannel,
  keys: QueueKeys,
): Promise<{ readonly deleted: number; readonly more: boolean }> {
  const reply = (await runScript(channel, purge, queueKeys(keys, ALL_LEVELS), [GROUP])) as [number, number];
  return { deleted: reply[0], more: reply[1] === 1 };
}
