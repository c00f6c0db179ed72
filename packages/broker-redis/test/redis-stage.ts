import type { BrokerDriver } from "@chicory/core";
import { resolveSection, silentLogger } from "@chicory/core";
import {
  type RedisCluster,
  type RedisGroupOptions,
  type RedisSentinelGroup,
  type RedisSentinelOptions,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
  startTcpProxy,
  type TcpProxy,
} from "@chicory/test-servers";
import { Cluster, Redis } from "ioredis";
import { type RedisConfig, type RedisOptions, redisSection } from "../src/config.js";
import type { HostPort } from "../src/connection/host-port.js";
import { RedisDriver } from "../src/redis-driver.js";
import { rightsOf } from "./rights.js";

/** Longer than any restart, and than a loaded machine keeps a server waiting. */
const NO_FAILOVER_MS = 20_000;

/** Servers that a driver can work on: one, a Sentinel group or a cluster. */
export interface RedisStage {
  /** The options that lead to them. */
  readonly place: RedisOptions;
  /** A client of the test's own, as an operator has one. */
  readonly admin: Redis | Cluster;
  /** Stops what serves and starts it again with its data. Resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Everything that drivers do on one server, they do with the rights that docs/security.md grants. */
const USER = `chicory on >pass ~conformance:* resetchannels -@all ${rightsOf("worker")} ${rightsOf("admin")}`;

/** One server, for a driver whose keys begin with `conformance`. */
export async function singleStage(): Promise<RedisStage> {
  const server = await startRedis({ appendonly: true, users: [USER] });
  const { host, port } = server;
  const admin = quiet(new Redis({ host, port }));
  return {
    place: { host, port, username: "chicory", password: "pass" },
    admin,
    restart: () => server.restart(),
    stop: async () => {
      admin.disconnect();
      await server.stop();
    },
  };
}

/** A master with a replica, found by sentinels. */
export async function sentinelStage(
  options: RedisSentinelOptions = {},
): Promise<RedisStage & { readonly group: RedisSentinelGroup }> {
  const group = await startRedisSentinel({ appendonly: true, failureMs: NO_FAILOVER_MS, ...options });
  const { name, addresses } = group;
  const sentinels = addresses.map(toPlace);
  const admin = quiet(new Redis({ sentinels, name, sentinelRetryStrategy: () => 50 }));
  return {
    group,
    place: { sentinels: [...addresses], sentinelName: name },
    admin,
    restart: async () => (await group.master()).restart(),
    stop: async () => {
      admin.disconnect();
      await group.stop();
    },
  };
}

/** Three masters with a replica each. */
export async function clusterStage(
  options: RedisGroupOptions = {},
): Promise<RedisStage & { readonly cluster: RedisCluster }> {
  const cluster = await startRedisCluster({ appendonly: true, failureMs: NO_FAILOVER_MS, ...options });
  const admin = new Cluster(cluster.addresses.map(toPlace), { clusterRetryStrategy: () => 50 });
  admin.on("error", () => undefined);
  return {
    cluster,
    place: { cluster: [...cluster.addresses.slice(0, 2)] },
    admin,
    restart: async () => {
      await Promise.all(cluster.nodes.slice(0, 3).map((node) => node.restart()));
      await cluster.healthy();
    },
    stop: async () => {
      admin.disconnect();
      await cluster.stop();
    },
  };
}

function quiet(admin: Redis): Redis {
  admin.on("error", () => undefined);
  return admin;
}

function toPlace(address: string): HostPort {
  const [host = "", port = ""] = address.split(":");
  return { host, port: Number(port) };
}

/** The config of these options alone, whatever the environment says. */
export function configOf(options: RedisOptions): RedisConfig {
  return resolveSection(redisSection, { explicit: options, environment: { variables: {}, dotenv: {} } }).values;
}

/** A driver that reaches every server through a proxy of its own, so that it alone can be cut off. */
export class ProxiedDriver {
  readonly driver: BrokerDriver;
  readonly #proxies = new Map<string, Promise<TcpProxy>>();
  #isolated = false;
  #stopped = false;

  constructor(options: RedisOptions) {
    this.driver = new RedisDriver(configOf(options), silentLogger, (announced) => this.#reach(announced));
  }

  /** Lets nothing pass, on connections old and new, until {@link heal}. */
  async isolate(): Promise<void> {
    this.#isolated = true;
    for (const proxy of await this.#all()) proxy.blackhole();
  }

  async heal(): Promise<void> {
    this.#isolated = false;
    for (const proxy of await this.#all()) proxy.heal();
  }

  /** Resets every connection once. */
  async sever(): Promise<void> {
    for (const proxy of await this.#all()) proxy.sever();
  }

  /** Lets nothing pass for good. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all((await this.#all()).map((proxy) => proxy.stop()));
  }

  #all(): Promise<readonly TcpProxy[]> {
    return Promise.all(this.#proxies.values());
  }

  async #reach(announced: HostPort): Promise<HostPort> {
    // A port of nobody's: what was cut off for good stays so.
    if (this.#stopped) return { host: "127.0.0.1", port: 1 };
    const { host, port } = announced;
    const starting =
      this.#proxies.get(`${host}:${port}`) ??
      startTcpProxy({ host, port }).then((proxy) => {
        if (this.#isolated) proxy.blackhole();
        return proxy;
      });
    this.#proxies.set(`${host}:${port}`, starting);
    return await starting;
  }
}
