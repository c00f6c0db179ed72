import { GROUP, PRIORITY_LEVELS, type QueueKeys } from "../keys.js";

/** Every priority, highest first, as scripts take them: a digit each. */
export const ALL_LEVELS = Array.from({ length: PRIORITY_LEVELS }, (_, i) => PRIORITY_LEVELS - 1 - i).join("");

/**
 * KEYS of every script that stores messages: 1 delayed set, 2 bodies of delayed messages, 3 dead letters, 4 used
 * priorities, 5 wake stream, then one work stream for each digit of `levels`.
 */
export function queueKeys(keys: QueueKeys, levels: string): string[] {
  const list = [keys.delayed, keys.bodies, keys.deadLetters, keys.priorities, keys.wake];
  for (const level of levels) list.push(keys.streams[Number(level)] ?? "");
  return list;
}

/** The first ARGV of such a script, to go before its own. */
export function queueArguments(levels: string): [string, string] {
  return [GROUP, levels];
}

/**
 * Lua that such scripts begin with. Whatever takes a message's place is written before the message is removed, so that
 * a command that is refused loses nothing: Redis never takes a script's writes back. Only when the server has no
 * memory left is the message removed first: that is what makes room, and once a script has written, the server lets
 * it go on.
 */
export const queueText = `
local group, levels = ARGV[1], ARGV[2]
local streams = {}
for i = 1, #levels do streams[string.sub(levels, i, i)] = KEYS[5 + i] end

local time
local function now()
  if not time then
    local t = redis.call('TIME')
    time = t[1] * 1000 + math.floor(t[2] / 1000)
  end
  return time
end

-- The error text of a command, or nothing.
local function try(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' then return reply.err end
end

-- As try, with remove() called first if the server has no memory left.
local function put(remove, ...)
  local failed = try(...)
  if failed and remove and string.find(failed, 'OOM', 1, true) then
    return remove() or try(...)
  end
  return failed
end

-- Makes a priority known to every consumer before anything is stored under it.
local used
local function use(remove, priority)
  if priority == '0' then return end
  used = used or redis.call('GET', KEYS[4]) or ''
  if string.find(used, priority, 1, true) then return end
  local failed = put(remove, 'SET', KEYS[4], used .. priority)
  if failed then return failed end
  used = used .. priority
  -- Each idle consumer takes one marker. Consumers are counted where opening the queue made them known.
  local groups = redis.pcall('XINFO', 'GROUPS', streams['0'])
  if groups.err or not groups[1] then return end
  local consumers = 0
  for i = 1, #groups[1], 2 do
    if groups[1][i] == 'consumers' then consumers = groups[1][i + 1] end
  end
  for _ = 1, math.min(consumers, 100) do redis.pcall('XADD', KEYS[5], 'MAXLEN', 100, '*', 'w', '1') end
end

-- Stores a message as due now or later; due is empty for now. A member begins with the priority and a colon.
local function store(remove, priority, due, member, body)
  local failed = use(remove, priority)
  if failed then return failed end
  if due == '' or tonumber(due) <= now() then
    return put(remove, 'XADD', streams[priority], '*', 'm', body)
  end
  failed = put(remove, 'HSET', KEYS[2], member, body)
  if failed then return failed end
  failed = put(remove, 'ZADD', KEYS[1], due, member)
  if failed then try('HDEL', KEYS[2], member) end
  return failed
end

-- When the next delayed message is due, or nothing; and an error text, or nothing.
local function head()
  local first = redis.pcall('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return first[2] and tonumber(first[2]), first.err
end
`;
