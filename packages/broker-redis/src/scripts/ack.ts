import { GROUP } from "../keys.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Acks entries and deletes them, each only if it still belongs to the consumer.
 *
 * KEYS 1 work stream
 * ARGV 1 group, 2 consumer, then ids
 * Returns the ids that were not this consumer's any more
 */
const ack = defineScript(`
local lost = {}
for i = 3, #ARGV do
  local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then return pending end
  if pending[1] and redis.call('XACK', KEYS[1], ARGV[1], ARGV[i]) == 1 then
    redis.call('XDEL', KEYS[1], ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
`);

/** Settles a consumer's entries as done, and returns the ids of those that it had lost. */
export async function ackEntries(
  channel: CommandChannel,
  stream: string,
  consumer: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const lost = (await runScript(channel, ack, [stream], [GROUP, consumer, ...ids])) as Buffer[];
  return lost.map(String);
}
