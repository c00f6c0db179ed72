import { type BrokerDriver, type DriverEnvironment, resolveSection, silentLogger } from "@chicory/core";
import { type RedisConfig, type RedisOptions, redisSection } from "./config.js";
import { RedisDriver } from "./redis-driver.js";

/**
 * A Redis broker for `new Chicory({ broker: redis({ host: "redis.internal" }) })`. Options that are not given come from
 * the environment (`CHICORY_BROKER_REDIS_*`), `.env`, or their defaults. Throws a `ConfigError` that names an option
 * that is not acceptable. Nothing is opened before the first use.
 */
export function redis(options: RedisOptions = {}, environment?: DriverEnvironment): BrokerDriver {
  const { values } = resolveSection(redisSection, { explicit: options });
  return createDriver({ ...values, ...unnamed(options) }, environment);
}

/** Makes a driver from a config whose values are all known. It opens nothing yet. */
export function createDriver(config: RedisConfig, environment?: DriverEnvironment): BrokerDriver {
  return new RedisDriver(config, environment?.logger ?? silentLogger);
}

/** A server that is named in code must not lose to, or clash with, another way of naming one in the environment. */
function unnamed(options: RedisOptions): Partial<RedisConfig> {
  const { url, host, port, socketPath, cluster, sentinels } = options;
  const single = url ?? host ?? port ?? socketPath;
  if (single === undefined && cluster === undefined && sentinels === undefined) return {};
  return {
    ...(url === undefined ? { url: undefined } : {}),
    ...(single === undefined ? { host: undefined } : {}),
    ...(socketPath === undefined ? { socketPath: undefined } : {}),
    ...(cluster === undefined ? { cluster: [] } : {}),
    ...(sentinels === undefined ? { sentinels: [], sentinelName: undefined } : {}),
  };
}
