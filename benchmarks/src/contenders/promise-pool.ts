import type { Payload } from "../payload.js";
import { CONCURRENCY, type OpenDrainer } from "./drainer.js";

/**
 * A list of payloads and a hundred loops that call an asynchronous function: no ids, no retries, no way to notice a
 * lost task. It shows what everything that a queue adds costs.
 */
export const openPromisePool: OpenDrainer = async (_round, task) => {
  const waiting: Payload[] = [];
  const handler = async (input: Payload) => task(input);
  return {
    async fill(payloads) {
      waiting.push(...payloads);
    },
    async drain(count) {
      let next = 0;
      const lane = async () => {
        while (next < count) {
          const input = waiting[next];
          next += 1;
          if (input !== undefined) await handler(input);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, lane));
      waiting.splice(0, count);
    },
    left: async () => waiting.length,
    close: async () => undefined,
  };
};
