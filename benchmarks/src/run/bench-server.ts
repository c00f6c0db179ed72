import { type ControlledServer, startRabbitmq, startRedis } from "@chicory/test-servers";
import { RedisProbe } from "../measures/redis-probe.js";
import type { Suite } from "../suites.js";
import type { Round } from "../workload.js";

/** The server of a suite. Whoever starts it stops it. */
export interface BenchServer {
  /** What a round is told of it. */
  readonly address: Pick<Round, "redis" | "rabbitmq">;
  /** What it is, for readers; undefined if the suite needs none. */
  readonly description: string | undefined;
  stop(): Promise<void>;
}

/** Starts a server of the run's own. Every contender has the same one. */
export async function startServer(kind: Suite["server"]): Promise<BenchServer> {
  switch (kind) {
    case "redis":
      return await startOwnRedis();
    case "rabbitmq":
      return await startOwnRabbitmq();
    case undefined:
      return {
        address: { redis: undefined, rabbitmq: undefined },
        description: undefined,
        stop: () => Promise.resolve(),
      };
  }
}

/** It keeps nothing on disk: that would measure the disk. */
async function startOwnRedis(): Promise<BenchServer> {
  const server = await startRedis({ ownServer: true });
  try {
    const address = { host: server.host, port: server.port };
    const probe = await RedisProbe.open(address);
    const version = await probe.version();
    await probe.close();
    return {
      address: { redis: address, rabbitmq: undefined },
      description: `Redis ${version} ${placeOf(server)}, without persistence`,
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Quorum queues are on disk whatever is asked for: both sides of a ratio wait for the same one. */
async function startOwnRabbitmq(): Promise<BenchServer> {
  const server = await startRabbitmq({ ownServer: true });
  try {
    const version = (await server.ctl("version")).trim();
    return {
      address: { redis: undefined, rabbitmq: { url: server.url, pid: server.pid } },
      description: `RabbitMQ ${version} ${placeOf(server)}, quorum queue of one node`,
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function placeOf({ source }: Pick<ControlledServer, "source">): string {
  return source === "docker" ? "in a container" : "as a local process";
}
