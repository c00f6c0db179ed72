import { openIoredis } from "./ioredis-client.js";
import type { OpenProducer } from "./producer.js";

const STREAM = "bench";

/**
 * Bare XADD commands of the payload as JSON. With `autoPipelining` the client joins commands of one turn of the event
 * loop into one write; a batch is a pipeline of single commands either way.
 */
export function ioredisProducer(autoPipelining: boolean): OpenProducer {
  return async (round) => {
    const client = await openIoredis(round, { enableAutoPipelining: autoPipelining });
    return {
      send: (payload) => client.xadd(STREAM, "*", "m", JSON.stringify(payload)),
      async sendBatch(payloads) {
        const pipeline = client.pipeline();
        for (const payload of payloads) pipeline.xadd(STREAM, "*", "m", JSON.stringify(payload));
        await pipeline.exec();
      },
      stored: () => client.xlen(STREAM),
      async close() {
        await client.quit();
      },
    };
  };
}
