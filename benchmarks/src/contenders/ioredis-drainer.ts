import type { Redis } from "ioredis";
import type { OpenDrainer } from "./drainer.js";
import { openIoredis } from "./ioredis-client.js";
import type { MessageFormat } from "./message-format.js";

const STREAM = "bench";
const GROUP = "workers";
const COUNT = 200;

/** What XREADGROUP answers: streams, their entries, and the fields of each. */
type Reply = [stream: string, entries: [id: string, fields: string[]][]][] | null;

/**
 * A bare loop over a consumer group: reads 200 entries, parses each, calls the task, then acks and deletes all of them
 * by one command each. It knows no leases, no retries and no tasks whose handlers take time. Writing the acks into the
 * pipeline of the next read makes it no faster on one machine.
 */
export function ioredisDrainer(format: MessageFormat): OpenDrainer {
  return async (round, task) => {
    // With the older protocol XREADGROUP answers with arrays, as this loop reads them.
    const client = await openIoredis(round, { protocol: 2 });
    await client.xgroup("CREATE", STREAM, GROUP, "0", "MKSTREAM");
    return {
      async fill(payloads) {
        const pipeline = client.pipeline();
        for (const payload of payloads) pipeline.xadd(STREAM, "*", "m", format.encode(payload));
        await pipeline.exec();
      },
      drain: (count) => drain(client, count, (text) => task(format.decode(text))),
      left: () => client.xlen(STREAM),
      async close() {
        await client.quit();
      },
    };
  };
}

async function drain(client: Redis, count: number, execute: (text: string) => void): Promise<void> {
  for (let executed = 0; executed < count; ) {
    const reply = await client.xreadgroup("GROUP", GROUP, "worker", "COUNT", COUNT, "STREAMS", STREAM, ">");
    const [, entries] = (reply as Reply)?.[0] ?? [STREAM, []];
    for (const [, fields] of entries) execute(fields[1] ?? "");
    const ids = entries.map(([id]) => id);
    await client.xack(STREAM, GROUP, ...ids);
    await client.xdel(STREAM, ...ids);
    executed += ids.length;
  }
}
