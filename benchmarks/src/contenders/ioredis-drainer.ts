import type { Redis } from "ioredis";
import type { Payload } from "../payload.js";
import type { OpenDrainer } from "./drainer.js";
import { openIoredis } from "./ioredis-client.js";

const STREAM = "bench";
const GROUP = "workers";
const COUNT = 200;

/** What XREADGROUP answers: streams, their entries, and the fields of each. */
type Reply = [stream: string, entries: [id: string, fields: string[]][]][] | null;

/**
 * A bare loop over a consumer group: reads 200 entries, parses each, calls the task, then acks and deletes all of them
 * by one command each, in the same pipeline as the next read.
 */
export const openIoredisDrainer: OpenDrainer = async (round, task) => {
  // With the older protocol XREADGROUP answers with arrays, as this loop reads them.
  const client = await openIoredis(round, { protocol: 2 });
  await client.xgroup("CREATE", STREAM, GROUP, "0", "MKSTREAM");
  return {
    async fill(payloads) {
      const pipeline = client.pipeline();
      for (const payload of payloads) pipeline.xadd(STREAM, "*", "m", JSON.stringify(payload));
      await pipeline.exec();
    },
    drain: (count) => drain(client, count, task),
    left: () => client.xlen(STREAM),
    async close() {
      await client.quit();
    },
  };
};

async function drain(client: Redis, count: number, task: (payload: Payload) => void): Promise<void> {
  let done: string[] = [];
  for (let executed = 0; executed < count || done.length > 0; ) {
    const pipeline = client.pipeline();
    if (done.length > 0) pipeline.xack(STREAM, GROUP, ...done).xdel(STREAM, ...done);
    pipeline.xreadgroup("GROUP", GROUP, "worker", "COUNT", COUNT, "STREAMS", STREAM, ">");
    const results = await pipeline.exec();
    for (const [error] of results ?? []) if (error !== null) throw error;
    const reply = results?.at(-1)?.[1] as Reply;
    const entries = reply?.[0]?.[1] ?? [];
    done = [];
    for (const [id, fields] of entries) {
      task(JSON.parse(fields[1] ?? "") as Payload);
      done.push(id);
    }
    executed += done.length;
  }
}
