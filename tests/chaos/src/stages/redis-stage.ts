import { eventually, startRedis, startTcpProxy } from "@chicory/test-servers";
import type { Redis } from "ioredis";
import type { BrokerSpec } from "./broker-spec.js";
import { countRedis, withRedisClient } from "./redis-operator.js";
import type { Leftovers, RedisStage, StageNeeds } from "./stage.js";

/** Lease of the load's workers: short, so that takeovers happen within a scenario. */
const LEASE_MS = 2_000;
const COMMAND_TIMEOUT_MS = 2_000;

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
  const withClient = <T>(use: (client: Redis) => Promise<T>): Promise<T> => withRedisClient(server, use);
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
    waiting: async () => (await withClient(countRedis)).messages,
    leftovers: () => withClient(leftovers),
    logs: () => server.logTail(),
    async close() {
      await Promise.all([proxies?.workers.stop(), proxies?.producers.stop()]);
      await server.stop();
    },
  };

  async function leftovers(client: Redis): Promise<Leftovers> {
    // A connection takes a moment to be seen as closed.
    const others = async () => Number(/connected_clients:(\d+)/.exec(await client.info("clients"))?.[1]) - 1;
    await eventually(async () => (await others()) === 0, { deadlineMs: 5_000 }).catch(() => undefined);
    return { connections: await others(), ...(await countRedis(client)) };
  }
}
