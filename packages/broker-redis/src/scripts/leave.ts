import { GROUP, type QueueKeys } from "../keys.js";
import { queueKeys } from "./queue-script.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Deletes consumers of a queue from its groups, each only where it holds nothing: deleting a consumer deletes what is
 * pending for it. The wake stream holds nothing of worth.
 *
 * KEYS of a queue script
 * ARGV 1 group, then consumers
 * Returns how many consumers were deleted from the stream of priority 0
 */
const leave = defineScript(`
local group = ARGV[1]
local deleted = 0
for i = 2, #ARGV do
  local consumer = ARGV[i]
  redis.pcall('XGROUP', 'DELCONSUMER', KEYS[5], group, consumer)
  for k = 6, #KEYS do
    local pending = redis.pcall('XPENDING', KEYS[k], group, '-', '+', 1, consumer)
    if not pending.err and #pending == 0 then
      redis.pcall('XGROUP', 'DELCONSUMER', KEYS[k], group, consumer)
      if k == #KEYS then deleted = deleted + 1 end
    end
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
