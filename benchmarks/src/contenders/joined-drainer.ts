import type { Redis } from "ioredis";
import type { OpenDrainer } from "./drainer.js";
import { openIoredis } from "./ioredis-client.js";
import { wholeMessage } from "./message-format.js";

const STREAM = "bench";
const GROUP = "workers";
const COUNT = 200;

/** Loops that take turns: while the server works on the call of one, this process works on the answer of the other. */
const LANES = 2;

/** Acks and deletes what was executed and reads what comes next; answers id, body, id, body. */
const STEP = `
if #ARGV > 0 then
  redis.call('XACK', KEYS[1], '${GROUP}', unpack(ARGV))
  redis.call('XDEL', KEYS[1], unpack(ARGV))
end
local read = redis.call('XREADGROUP', 'GROUP', '${GROUP}', 'worker', 'COUNT', ${COUNT}, 'STREAMS', KEYS[1], '>')
local flat = {}
for _, entry in ipairs(read and read[1][2] or {}) do
  flat[#flat + 1] = entry[1]
  flat[#flat + 1] = entry[2][2]
end
return flat`;

/**
 * Two bare loops over a consumer group, each with one script call a round that settles and fetches. They know no leases,
 * no retries and no tasks whose handlers take time.
 */
export const openJoinedDrainer: OpenDrainer = async (round, task) => {
  const client = await openIoredis(round);
  await client.xgroup("CREATE", STREAM, GROUP, "0", "MKSTREAM");
  const sha = String(await client.script("LOAD", STEP));
  const execute = (text: string) => task(wholeMessage.decode(text));
  return {
    async fill(payloads) {
      const pipeline = client.pipeline();
      for (const payload of payloads) pipeline.xadd(STREAM, "*", "m", wholeMessage.encode(payload));
      await pipeline.exec();
    },
    async drain() {
      await Promise.all(Array.from({ length: LANES }, () => drainLane(client, sha, execute)));
    },
    left: () => client.xlen(STREAM),
    async close() {
      await client.quit();
    },
  };
};

async function drainLane(client: Redis, sha: string, execute: (text: string) => void): Promise<void> {
  let executed: string[] = [];
  do {
    const reply = (await client.evalsha(sha, 1, STREAM, ...executed)) as string[];
    executed = [];
    for (let at = 0; at < reply.length; at += 2) {
      execute(reply[at + 1] ?? "");
      executed.push(reply[at] ?? "");
    }
  } while (executed.length > 0);
}
