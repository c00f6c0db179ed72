import { Redis } from "ioredis";
import type { ServerAddress } from "../workload.js";
import type { ServerProbe } from "./server-probe.js";

/** A connection that looks at the server from outside of what is measured. */
export class RedisProbe implements ServerProbe {
  readonly #redis: Redis;

  private constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Opens a probe; whoever does closes it. */
  static async open(address: ServerAddress): Promise<RedisProbe> {
    const redis = new Redis({ ...address, lazyConnect: true });
    await redis.connect();
    return new RedisProbe(redis);
  }

  /** Empties the server, and waits until that is done. */
  async flush(): Promise<void> {
    await this.#redis.flushall("SYNC");
  }

  /** Version of the server. */
  async version(): Promise<string> {
    return this.#field("server", "redis_version");
  }

  /** Bytes that the server holds for data, clients and itself. */
  async usedMemory(): Promise<number> {
    return Number(await this.#field("memory", "used_memory"));
  }

  /** Connections to the server, this one included. */
  async clients(): Promise<number> {
    return Number(await this.#field("clients", "connected_clients"));
  }

  /** Calls and bytes, in and out, since the server's start; calls that scripts make count like a client's. */
  async traffic(): Promise<{ readonly commands: number; readonly bytes: number }> {
    const info = await this.#redis.info("stats");
    return {
      commands: Number(field(info, "total_commands_processed")),
      bytes: Number(field(info, "total_net_input_bytes")) + Number(field(info, "total_net_output_bytes")),
    };
  }

  /** Processor time of the server since its start, in seconds. */
  async cpuSeconds(): Promise<number> {
    const info = await this.#redis.info("cpu");
    return Number(field(info, "used_cpu_sys")) + Number(field(info, "used_cpu_user"));
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #field(section: string, name: string): Promise<string> {
    return field(await this.#redis.info(section), name);
  }
}

function field(info: string, name: string): string {
  const value = new RegExp(`^${name}:(.*)\r?$`, "m").exec(info)?.[1];
  if (value === undefined) throw new Error(`The server's INFO has no ${name}`);
  return value.trim();
}
