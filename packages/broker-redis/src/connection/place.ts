import { ConfigError } from "@chicory/core";
import type { RedisConfig } from "../config.js";
import { type Endpoint, type EndpointAt, endpointOf, endpointsOf } from "./endpoint.js";
import { parseHostPort } from "./host-port.js";

const SERVER_PORT = 6379;
const SENTINEL_PORT = 26_379;

/** What the config says of where the queues are. */
export type Place =
  | { readonly kind: "server"; readonly endpoint: Endpoint }
  | {
      readonly kind: "sentinel";
      readonly name: string;
      readonly sentinels: readonly Endpoint[];
      readonly endpointAt: EndpointAt;
    }
  | { readonly kind: "cluster"; readonly seeds: readonly Endpoint[]; readonly endpointAt: EndpointAt };

/**
 * Reads the place from a config. Throws a {@link ConfigError} if it names none or more than one, or a file that cannot
 * be read.
 */
export function placeOf(config: RedisConfig): Place {
  const { cluster, sentinels, sentinelName, db, username, password, tls } = config;
  const named = [
    ...(["url", "host", "socketPath"] as const).filter((option) => config[option] !== undefined).slice(0, 1),
    ...(cluster.length > 0 ? ["cluster"] : []),
    ...(sentinels.length > 0 ? ["sentinels"] : []),
  ];
  if (named.length > 1) {
    throw new ConfigError(`The Redis broker is configured by ${named.join(" and by ")}: set only one of them`);
  }
  if (sentinels.length > 0 !== (sentinelName !== undefined)) {
    const missing = sentinelName === undefined ? "sentinelName, the master's name" : "sentinels, their addresses";
    throw new ConfigError(`The Redis broker is half configured for Sentinel: set the option ${missing}, too`);
  }
  if (sentinelName !== undefined) {
    const endpointAt = endpointsOf(config, { db, username, password, tls });
    const { sentinelUsername, sentinelPassword, sentinelTls = tls } = config;
    const login = { db: 0, username: sentinelUsername, password: sentinelPassword, tls: sentinelTls };
    const sentinelAt = endpointsOf(config, login);
    return {
      kind: "sentinel",
      name: sentinelName,
      sentinels: sentinels.map((text) => sentinelAt(parseHostPort(text, SENTINEL_PORT, "sentinels"))),
      endpointAt,
    };
  }
  if (cluster.length > 0) {
    if (db !== 0) throw new ConfigError(`A Redis Cluster has only database 0, and the option db is ${db}`);
    const endpointAt = endpointsOf(config, { db, username, password, tls });
    return {
      kind: "cluster",
      seeds: cluster.map((text) => endpointAt(parseHostPort(text, SERVER_PORT, "cluster"))),
      endpointAt,
    };
  }
  return { kind: "server", endpoint: endpointOf(config) };
}
