import type { QueueKeys } from "../keys.js";
import { ALL_LEVELS, queueArguments, queueKeys, queueText } from "./queue-script.js";
import { type Argument, type CommandChannel, defineScript, runScript } from "./script.js";
import { type ScriptProblem, toProblems } from "./script-problem.js";

/** Error text of a message that found its queue full. */
export const FULL = "FULL";

/** Error text prefix of a message that is stored, but whose id could not be remembered. */
export const NOT_REMEMBERED = "STORED ";

/**
 * Publishes messages of one queue with everything that a message can ask for.
 *
 * KEYS of a queue script with all levels, then one key for each message that is to be deduplicated
 * ARGV 1 group, 2 levels, 3 most messages that the queue may hold or 0, then for each message: priority, time due or
 *      empty, member of the delayed set, index of its dedupe key in KEYS or 0, milliseconds to remember, body
 * Returns {index, error, ...}: which messages were refused and why; empty if all are stored, or were before
 */
const publish = defineScript(`
${queueText}
local room = tonumber(ARGV[3])
if room > 0 then
  room = room - redis.call('ZCARD', KEYS[1])
  for _, stream in pairs(streams) do room = room - redis.call('XLEN', stream) end
else
  room = math.huge
end

local earliest, failedHead = head()
if failedHead then return redis.error_reply(failedHead) end
earliest = earliest or math.huge
local wake = false

local function publish(at)
  local remember, ms = KEYS[tonumber(ARGV[at + 3])], ARGV[at + 4]
  if remember then
    local seen = redis.pcall('EXISTS', remember)
    if type(seen) == 'table' then return seen.err end
    if seen == 1 then
      -- Changes nothing, and is a write: whoever waits for its replication waits for that of the message. It is stored
      -- all the same if the server has no memory for this.
      try('SET', remember, '1', 'KEEPTTL')
      return
    end
  end
  if room <= 0 then return '${FULL}' end
  local due = ARGV[at + 1]
  local failed = store(nil, ARGV[at], due, ARGV[at + 2], ARGV[at + 5])
  if failed then return failed end
  room = room - 1
  if due ~= '' and tonumber(due) > now() and tonumber(due) < earliest then
    earliest = tonumber(due)
    wake = true
  end
  if remember then
    failed = try('SET', remember, '1', 'PX', ms)
    if failed then return '${NOT_REMEMBERED}' .. failed end
  end
end

local refused = {}
for i = 1, (#ARGV - 3) / 6 do
  local failed = publish(6 * i - 2)
  if failed then
    refused[#refused + 1] = i
    refused[#refused + 1] = failed
  end
end
-- One idle consumer must learn of the earlier time; it stays idle until then.
if wake then try('XADD', KEYS[5], 'MAXLEN', 1, '*', 'w', '1') end
return refused
`);

/** A message as this script takes it. */
export interface ScriptMessage {
  readonly priority: number;
  /** Milliseconds since the epoch; undefined for now. */
  readonly dueAt: number | undefined;
  /** Unique in the delayed set: see {@link DelayedMembers}. */
  readonly member: string;
  /** Key and milliseconds by which a repetition is recognised. */
  readonly dedupe: { readonly key: string; readonly ms: number } | undefined;
  readonly body: string | Buffer;
}

/** Stores messages, and returns those that were refused. `maxLength` 0 is no limit. */
export async function publishMessages(
  channel: CommandChannel,
  keys: QueueKeys,
  maxLength: number,
  messages: readonly ScriptMessage[],
): Promise<readonly ScriptProblem[]> {
  const scriptKeys = queueKeys(keys, ALL_LEVELS);
  const args: Argument[] = [...queueArguments(ALL_LEVELS), maxLength];
  for (const { priority, dueAt, member, dedupe, body } of messages) {
    const remember = dedupe === undefined ? 0 : scriptKeys.push(dedupe.key);
    args.push(priority, dueAt ?? "", member, remember, dedupe?.ms ?? 0, body);
  }
  return toProblems(await runScript(channel, publish, scriptKeys, args));
}
