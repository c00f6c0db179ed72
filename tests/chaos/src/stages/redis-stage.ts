import { eventually, startRedis, startTcpProxy } from "@chicory/test-servers";
import { Redis } from "ioredis";
import type { BrokerSpec } from "./broker-spec.js";
import type { RedisStage, StageNeeds } from "./stage.js";

/** Lease of the load's workers: short, so that takeovers happen within a scenario. */
const LEASE_MS = 2_000;
const COMMAND_TIMEOUT_MS = 2_000;
/** An operator's command may have to wait for a server that loads its data. */
const OPERATOR_TIMEOUT_MS = 20_000;

/** Starts a Redis for one run. */
export async function openRedisStage(needs: StageNeeds): Promise<RedisStage> {
  const server = await startRedis({ ownServer: true, appendonly: "everysec", ...needs.redis });
  const proxies =
    needs.proxied === true
      ? { workers: await startTcpProxy(server), producers: await startTcpProxy(server) }
      : undefined;
  const brokerAt = ({ host, port }: { readonly host: string; readonly port: number }): BrokerSpec => ({
    type: "redis",
    options: { host, port, leaseMs: LEASE_MS, commandTimeoutMs: COMMAND_TIMEOUT_MS },
  });
  const withClient = async <T>(use: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis({
      host: server.host,
      port: server.port,
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
  };
  const version = await withClient(async (client) => /redis_version:(\S+)/.exec(await client.info("server"))?.[1]);
  return {
    name: "redis",
    version: `Redis ${version ?? "?"}`,
    server,
    proxies,
    workersBroker: brokerAt(proxies?.workers ?? server),
    producerBroker: brokerAt(proxies?.producers ?? server),
    silenceMs: LEASE_MS,
    command: (name, ...args) => withClient((client) => client.call(String(name), ...args)),
    waiting: () => withClient(messages),
    leftovers: () => withClient(leftovers),
    logs: () => server.logTail(),
    async close() {
      await Promise.all([proxies?.workers.stop(), proxies?.producers.stop()]);
      await server.stop();
    },
  };

  async function leftovers(client: Redis) {
    // A connection takes a moment to be seen as closed.
    const others = async () => Number(/connected_clients:(\d+)/.exec(await client.info("clients"))?.[1]) - 1;
    await eventually(async () => (await others()) === 0, { deadlineMs: 5_000 }).catch(() => undefined);
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
    return { connections: await others(), consumers, messages: await messages(client), places };
  }
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
