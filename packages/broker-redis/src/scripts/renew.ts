import { GROUP } from "../keys.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Renews leases: sets the idle time of a consumer's own entries back to zero, without counting a hand-out.
 *
 * KEYS 1 work stream
 * ARGV 1 group, 2 consumer, then ids
 * Returns the ids that are not this consumer's any more
 */
const renew = defineScript(`
local lost = {}
for i = 3, #ARGV do
  local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then return pending end
  if pending[1] then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
`);

/** Renews the leases of a consumer's entries, and returns the ids of those that it lost. */
export async function renewLeases(
  channel: CommandChannel,
  stream: string,
  consumer: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const lost = (await runScript(channel, renew, [stream], [GROUP, consumer, ...ids])) as Buffer[];
  return lost.map(String);
}
