import { GROUP, type QueueKeys } from "../keys.js";
import { queueKeys } from "./queue-script.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Deletes consumers of a queue from its groups, each only if it holds nothing in any stream: deleting a consumer
 * deletes what is pending for it. Markers in the wake stream are of no worth.
 *
 * KEYS of a queue script
 * ARGV 1 group, then consumers
 * Returns how many consumers were deleted
 */
const leave = defineScript(`
local group = ARGV[1]

local function holdsNothing(consumer)
  for k = 6, #KEYS do
    local pending = redis.pcall('XPENDING', KEYS[k], group, '-', '+', 1, consumer)
    if not pending.err and #pending > 0 then return false end
    -- Without an answer nothing is certain, save that a group that is gone holds nothing.
    if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then return false end
  end
  return true
end

local deleted = 0
for i = 2, #ARGV do
  if holdsNothing(ARGV[i]) then
    for k = 5, #KEYS do redis.pcall('XGROUP', 'DELCONSUMER', KEYS[k], group, ARGV[i]) end
    deleted = deleted + 1
  end
end
return deleted
`);

/** Deletes those of the consumers that hold nothing. */
export async function removeConsumers(
  channel: CommandChannel,
  keys: QueueKeys,
  levels: string,
  consumers: readonly string[],
): Promise<number> {
  return (await runScript(channel, leave, queueKeys(keys, levels), [GROUP, ...consumers])) as number;
}
