import { Redis } from "ioredis";
import type { Leftovers } from "./stage.js";

/** An operator's command may have to wait for a server that loads its data. */
const OPERATOR_TIMEOUT_MS = 20_000;

/** Uses a connection of an operator's to one server, and closes it. */
export async function withRedisClient<T>(
  { host, port, password }: { readonly host: string; readonly port: number; readonly password?: string | undefined },
  use: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis({
    host,
    port,
    ...(password === undefined ? {} : { password }),
    protocol: 2,
    lazyConnect: true,
    retryStrategy: () => null,
    commandTimeout: OPERATOR_TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    client.disconnect();
  }
}

/** Counts what one server keeps. */
export async function countRedis(client: Redis): Promise<Omit<Leftovers, "connections">> {
  let consumers = 0;
  for (const key of await client.keys("chicory:stream:*")) {
    const groups = (await client.call("XINFO", "GROUPS", key)) as unknown[][];
    for (const group of groups) {
      const found = (await client.call("XINFO", "CONSUMERS", key, String(group[1]))) as unknown[][];
      consumers += found.length;
    }
  }
  // Those by which repeated sends are known expire by themselves.
  const places = (await client.keys("chicory:*")).filter((key) => !key.startsWith("chicory:dedupe:")).length;
  return { consumers, messages: await messages(client), places };
}

/** Whatever is in a stream or a sorted set of a queue, dead letters and markers excepted. */
async function messages(client: Redis): Promise<number> {
  let total = 0;
  for (const key of await client.keys("chicory:stream:*")) total += await client.xlen(key);
  for (const key of await client.keys("chicory:delayed:*")) {
    total += key.endsWith(":m") ? await client.hlen(key) : await client.zcard(key);
  }
  return total;
}
