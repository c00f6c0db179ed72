import { Redis } from "ioredis";
import { type Round, redisOf } from "../workload.js";

/** What a contender changes of the client's defaults. */
export interface ClientOptions {
  readonly enableAutoPipelining?: boolean;
  /** Null for a client that waits for the server however long it is gone, as BullMQ's worker requires. */
  readonly maxRetriesPerRequest?: number | null;
  readonly protocol?: 2 | 3;
}

/** A connected ioredis. Whoever opens it closes it. */
export async function openIoredis(round: Round, options: ClientOptions = {}): Promise<Redis> {
  const client = new Redis({ ...redisOf(round), ...options, lazyConnect: true });
  await client.connect();
  return client;
}
