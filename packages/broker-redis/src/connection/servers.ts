import type { Logger } from "@chicory/core";
import { Cluster } from "../cluster/cluster.js";
import type { RedisConfig } from "../config.js";
import { Durability } from "./durability.js";
import { OneMaster } from "./one-master.js";
import { Opener, type Reach } from "./opener.js";
import { placeOf } from "./place.js";
import type { Servers } from "./route.js";
import { Sentinels } from "./sentinels.js";

/** What servers are opened with. */
export interface OpenServersOptions {
  readonly config: RedisConfig;
  /** Tells this process's connections from those of others. */
  readonly nonce: string;
  readonly logger: Logger;
  /** The key of the set of queue names. */
  readonly registryKey: string;
  readonly reach?: Reach | undefined;
  /** Called when queues have a new connection or another server. Must not throw. */
  readonly onUp: (concerns: (queue: string) => boolean) => void;
}

/**
 * Makes the servers of a config; nothing is connected yet. Throws a `ConfigError` if the config names none or more than
 * one place.
 */
export function openServers({ config, nonce, logger, registryKey, reach, onUp }: OpenServersOptions): Servers {
  const place = placeOf(config);
  const { commandTimeoutMs: waitMs, leaseMs } = config;
  const cluster = place.kind === "cluster" ? "cluster-node" : "no-cluster";
  const opener = new Opener({ nonce, logger, cluster, reach });
  const durability = Durability.of(config);
  const oneMaster = { waitMs, durability, logger, onUp: () => onUp(() => true) };
  switch (place.kind) {
    case "server": {
      const { endpoint } = place;
      return new OneMaster({
        ...oneMaster,
        address: endpoint.address,
        open: (role, options) => opener.open(endpoint, role, options),
      });
    }
    case "sentinel": {
      const sentinels = new Sentinels({ ...place, opener, logger });
      return new OneMaster({
        ...oneMaster,
        address: sentinels.address,
        open: (role, options) => sentinels.open(role, options),
        isReplaced: ({ address }) => sentinels.disown(address),
      });
    }
    case "cluster":
      return new Cluster({
        ...place,
        opener,
        logger,
        registryKey,
        durability,
        waitMs,
        // Nobody takes a message over before one and a half leases: what is repeated must have ended by then.
        repeatMs: Math.min(waitMs, leaseMs / 2),
        onUp,
      });
  }
}
