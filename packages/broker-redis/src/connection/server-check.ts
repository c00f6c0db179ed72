import { ConfigError, type Logger, ServerError, UnsupportedError } from "@chicory/core";
import { serverErrorCode } from "../errors.js";
import type { Connection } from "./connection.js";

/** What a server must be, to be the one that the config means. */
export type ClusterRole = "no-cluster" | "cluster-node";

/** The oldest server that has every command: exclusive ranges, XPENDING with IDLE, ZRANGE by score. */
const OLDEST_VERSION = [6, 2] as const;

/**
 * Checks that the server can keep tasks: its version, that it is loaded, and that it does not evict. What this user
 * may not ask is not checked. Rejects with a `ServerError` if it is loading, else with an error that is final.
 */
export async function checkServer(connection: Connection, cluster: ClusterRole, logger: Logger): Promise<void> {
  const { address } = connection;
  const facts = await readInfo(connection, logger);
  if (facts === undefined) return;
  const version = facts.get("redis_version") ?? "";
  if (isOlder(version)) {
    throw new UnsupportedError(`Redis at ${address} is version ${version}, and Chicory needs 6.2 or newer`);
  }
  checkCluster(facts.get("cluster_enabled") === "1", cluster, address);
  if (facts.get("loading") === "1") {
    throw new ServerError(`Redis at ${address} is loading its data`, { retryable: true });
  }
  checkEviction(facts.get("maxmemory_policy") ?? "noeviction", facts.get("maxmemory") ?? "0", address, logger);
}

function checkCluster(enabled: boolean, cluster: ClusterRole, address: string): void {
  if (enabled && cluster === "no-cluster") {
    throw new ConfigError(`Redis at ${address} is a node of a cluster: name its nodes by the option cluster instead`);
  }
  if (!enabled && cluster === "cluster-node") {
    throw new ConfigError(
      `Redis at ${address} belongs to no cluster (cluster-enabled no): name it by the option url or host, not cluster`,
    );
  }
}

/** Evicting any key deletes queues; evicting only keys that expire forgets deduplicated ids early. */
function checkEviction(policy: string, maxMemory: string, address: string, logger: Logger): void {
  if (policy.startsWith("allkeys") && maxMemory !== "0") {
    throw new ConfigError(
      `Redis at ${address} evicts keys when its memory is full (maxmemory-policy ${policy}), which would delete tasks: set maxmemory-policy noeviction`,
    );
  }
  if (policy !== "noeviction") {
    logger.warn({ policy }, "The Redis server may evict keys when its memory is full: set maxmemory-policy noeviction");
  }
}

async function readInfo(connection: Connection, logger: Logger): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const text = String(await connection.command("info", []));
    return new Map(
      text.split("\r\n").flatMap((line) => {
        const colon = line.indexOf(":");
        return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
      }),
    );
  } catch (error) {
    if (serverErrorCode(error) !== "NOPERM") throw error;
    logger.debug({ err: error }, "The server cannot be checked, since this user may not ask for INFO");
    return undefined;
  }
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (version === "") return false;
  return major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]);
}
