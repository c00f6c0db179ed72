import { openIoredis } from "./ioredis-client.js";
import type { MessageFormat } from "./message-format.js";
import type { OpenProducer } from "./producer.js";

const STREAM = "bench";

/** How a bare producer sends. */
export interface IoredisProducerOptions {
  readonly format: MessageFormat;
  readonly autoPipelining: boolean;
}

/**
 * Bare XADD commands. With `autoPipelining` the client joins commands of one turn of the event
 * loop into one write; a batch is a pipeline of single commands either way.
 */
export function ioredisProducer({ format, autoPipelining }: IoredisProducerOptions): OpenProducer {
  return async (round) => {
    const client = await openIoredis(round, { enableAutoPipelining: autoPipelining });
    return {
      send: (payload) => client.xadd(STREAM, "*", "m", format.encode(payload)),
      async sendBatch(payloads) {
        const pipeline = client.pipeline();
        for (const payload of payloads) pipeline.xadd(STREAM, "*", "m", format.encode(payload));
        await pipeline.exec();
      },
      stored: () => client.xlen(STREAM),
      async close() {
        await client.quit();
      },
    };
  };
}
