import type { RedisOptions } from "@chicory/broker-redis";
import { eventually, type RedisNode, startRedisCluster, startRedisSentinel } from "@chicory/test-servers";
import type { BrokerSpec } from "./broker-spec.js";
import { countRedis, withRedisClient } from "./redis-operator.js";
import type { RedisClusterStage, RedisSentinelStage, Stage } from "./stage.js";

/** Lease of the load's workers: short, so that takeovers happen within a scenario. */
const LEASE_MS = 2_000;
const COMMAND_TIMEOUT_MS = 2_000;

/** Silence after which a server counts as failed: short, and longer than a busy machine keeps one waiting. */
const FAILURE_MS = 2_000;

/** With a password, a server can be cut off from the others: they log in to one another as a user of their own. */
const SENTINEL_GROUP_PASSWORD = "chaos";

/** Starts a Redis master with a replica, and three sentinels, for one run. */
export async function openRedisSentinelStage(): Promise<RedisSentinelStage> {
  const group = await startRedisSentinel({
    appendonly: "everysec",
    failureMs: FAILURE_MS,
    password: SENTINEL_GROUP_PASSWORD,
  });
  const { addresses, name, servers } = group;
  const masters = async () => [await group.master()];
  return {
    name: "redis-sentinel",
    group,
    ...(await common(
      { sentinels: [...addresses], sentinelName: name, password: SENTINEL_GROUP_PASSWORD },
      servers,
      masters,
    )),
    close: () => group.stop(),
  };
}

/** Starts three Redis masters with a replica each for one run. */
export async function openRedisClusterStage(): Promise<RedisClusterStage> {
  const cluster = await startRedisCluster({ appendonly: "everysec", failureMs: FAILURE_MS });
  const { addresses, nodes } = cluster;
  const masters = async () => {
    const roles = await Promise.all(nodes.map((node) => node.command("ROLE")));
    return nodes.filter((_, index) => String((roles[index] as unknown[])[0]) === "master");
  };
  return {
    name: "redis-cluster",
    cluster,
    ...(await common({ cluster: [...addresses] }, nodes, masters)),
    close: () => cluster.stop(),
  };
}

/** What both have in common. `masters` are asked for when every server runs. */
async function common(
  place: RedisOptions,
  servers: readonly RedisNode[],
  masters: () => Promise<readonly RedisNode[]>,
): Promise<Omit<Extract<Stage, { name: "redis-sentinel" }>, "name" | "group" | "close">> {
  // Every master has one replica: what that one has, a failover cannot lose.
  const options = { ...place, leaseMs: LEASE_MS, commandTimeoutMs: COMMAND_TIMEOUT_MS, durabilityReplicas: 1 };
  const broker: BrokerSpec = { type: "redis", options };
  const counts = async () => {
    const { password } = place;
    const all = await Promise.all(
      (await masters()).map(({ host, port }) => withRedisClient({ host, port, password }, countRedis)),
    );
    const sum = (of: keyof (typeof all)[number]) => all.reduce((total, one) => total + one[of], 0);
    return { consumers: sum("consumers"), messages: sum("messages"), places: sum("places") };
  };
  const info = String(await servers[0]?.command("INFO", "server"));
  return {
    version: `Redis ${/redis_version:(\S+)/.exec(info)?.[1] ?? "?"}`,
    proxies: undefined,
    workersBroker: broker,
    producerBroker: broker,
    silenceMs: LEASE_MS,
    waiting: async () => (await counts()).messages,
    leftovers: async () => {
      // A connection takes a moment to be seen as closed.
      await eventually(async () => (await connections(servers)) === 0, { deadlineMs: 5_000 }).catch(() => undefined);
      return { connections: await connections(servers), ...(await counts()) };
    },
    logs: async () => (await Promise.all(servers.map((server) => server.logTail()))).join("\n---\n"),
  };
}

/** Connections that carry the driver's name: servers and sentinels are connected with each other, too. */
async function connections(servers: readonly RedisNode[]): Promise<number> {
  const lists = await Promise.all(servers.map((server) => server.command("CLIENT", "LIST")));
  return lists
    .join("\n")
    .split("\n")
    .filter((line) => line.includes("name=chicory:")).length;
}
