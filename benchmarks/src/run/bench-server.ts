import { startRedis } from "@chicory/test-servers";
import { RedisProbe } from "../measures/redis-probe.js";
import type { Suite } from "../suites.js";
import type { Round } from "../workload.js";

/** The server of a suite. Whoever starts it stops it. */
export interface BenchServer {
  /** What a round is told of it. */
  readonly address: Pick<Round, "redis">;
  /** What it is, for readers; undefined if the suite needs none. */
  readonly description: string | undefined;
  stop(): Promise<void>;
}

/**
 * Starts a server of the run's own, which keeps nothing on disk: that would measure the disk. Every contender has the
 * same one.
 */
export async function startServer(kind: Suite["server"]): Promise<BenchServer> {
  if (kind === undefined) {
    return { address: { redis: undefined }, description: undefined, stop: () => Promise.resolve() };
  }
  const server = await startRedis({ ownServer: true });
  try {
    const address = { host: server.host, port: server.port };
    const probe = await RedisProbe.open(address);
    const version = await probe.version();
    probe.close();
    const place = server.source === "docker" ? "in a container" : "as a local process";
    return {
      address: { redis: address },
      description: `Redis ${version} ${place}, without persistence`,
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
