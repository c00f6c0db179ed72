import { GROUP } from "../keys.js";
import { type CommandChannel, defineScript, runScript } from "./script.js";

/**
 * Takes entries over from their consumers, each only if it still belongs to the consumer that was seen with it and is
 * idle long enough. Taking from another counts as a hand-out; from oneself only if asked for, since after a lost answer
 * nobody got the entry.
 *
 * KEYS 1 work stream
 * ARGV 1 group, 2 consumer, 3 least idle milliseconds, 4 whether taking from oneself counts (1 or 0), then pairs: id,
 *      owner
 * Returns {id, hand-outs, fields, ...} of the entries that were taken
 */
const claim = defineScript(`
local group, consumer = ARGV[1], ARGV[2]
local taken = {}
for i = 5, #ARGV, 2 do
  local id, owner = ARGV[i], ARGV[i + 1]
  local pending = redis.call('XPENDING', KEYS[1], group, id, id, 1, owner)[1]
  if pending and pending[3] >= tonumber(ARGV[3]) then
    local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
    if not entry then
      -- Deleted by somebody else: there is nothing left to do.
      redis.call('XACK', KEYS[1], group, id)
    else
      local count = pending[4]
      if owner == consumer and ARGV[4] == '0' then
        redis.call('XCLAIM', KEYS[1], group, consumer, 0, id, 'JUSTID')
      else
        redis.call('XCLAIM', KEYS[1], group, consumer, 0, id)
        count = count + 1
      end
      local n = #taken
      taken[n + 1] = id
      taken[n + 2] = count
      taken[n + 3] = entry[2]
    end
  end
end
return taken
`);

/** A pending entry as the server lists it. */
export interface PendingEntry {
  readonly id: string;
  readonly owner: string;
  readonly idleMs: number;
  /** How often it was handed out. */
  readonly deliveryCount: number;
}

/** An entry that was taken over. */
export interface ClaimedEntry {
  readonly id: string;
  readonly deliveryCount: number;
  readonly fields: readonly Buffer[];
}

/** What is to be taken over, and by whom. */
export interface ClaimRequest {
  readonly consumer: string;
  readonly minIdleMs: number;
  readonly countOwn: boolean;
  readonly entries: readonly Pick<PendingEntry, "id" | "owner">[];
}

/** Takes over those entries that are still as they were seen. */
export async function claimEntries(
  channel: CommandChannel,
  stream: string,
  { consumer, minIdleMs, countOwn, entries }: ClaimRequest,
): Promise<readonly ClaimedEntry[]> {
  const args = [GROUP, consumer, minIdleMs, countOwn ? 1 : 0, ...entries.flatMap(({ id, owner }) => [id, owner])];
  const reply = (await runScript(channel, claim, [stream], args)) as unknown[];
  const claimed: ClaimedEntry[] = [];
  for (let at = 0; at < reply.length; at += 3) {
    const [id, count, fields] = reply.slice(at, at + 3) as [Buffer, number, Buffer[]];
    claimed.push({ id: id.toString(), deliveryCount: count, fields });
  }
  return claimed;
}
