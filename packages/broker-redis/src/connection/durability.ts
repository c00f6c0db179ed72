import { ConfigError, ConnectionError } from "@chicory/core";
import type { RedisConfig } from "../config.js";
import { UnansweredError } from "../errors.js";
import type { Argument } from "../scripts/script.js";
import type { Connection } from "./connection.js";
import type { Channel } from "./route.js";

/** Confirmations that wait on one connection at a time, one behind the other: as many as there are calls of a publish. */
const WAITS_AT_ONCE = 4;

/** What must have a write before it counts as stored, as a driver was configured. */
export class Durability {
  /** Longest time for which a connection may be silent because of it, in milliseconds. */
  readonly blockMs: number;
  readonly #replicas: number;
  readonly #fsync: boolean;
  readonly #timeoutMs: number;

  private constructor(replicas: number, fsync: boolean, timeoutMs: number) {
    this.#replicas = replicas;
    this.#fsync = fsync;
    this.#timeoutMs = timeoutMs;
    this.blockMs = WAITS_AT_ONCE * timeoutMs;
  }

  /** Undefined where the server's answer alone is enough. */
  static of({ durabilityReplicas, durabilityFsync, durabilityTimeoutMs }: RedisConfig): Durability | undefined {
    if (durabilityReplicas === 0 && !durabilityFsync) return undefined;
    return new Durability(durabilityReplicas, durabilityFsync, durabilityTimeoutMs);
  }

  /** Rejects with a `ConfigError` if the server cannot do what is asked for. */
  async check(connection: Channel): Promise<void> {
    if (!this.#fsync) return;
    try {
      await connection.command("waitaof", [1, 0, 1]);
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      throw new ConfigError(
        `The option durabilityFsync needs WAITAOF (Redis 7.2 or newer) and appendonly yes, and Redis at ${connection.address} lacks one of them. Without them, set appendfsync always on the server`,
        { cause: error },
      );
    }
  }

  /** A channel whose commands resolve once their writes are confirmed. */
  wrap(connection: Channel): Channel {
    return new DurableChannel(connection, (address) => this.#confirm(connection, address));
  }

  /** Waits for the writes of this connection so far. */
  async #confirm(connection: Channel, address: string): Promise<void> {
    const reply = this.#fsync
      ? await connection.command("waitaof", [1, this.#replicas, this.#timeoutMs])
      : await connection.command("wait", [this.#replicas, this.#timeoutMs]);
    const [own, replicas] = Array.isArray(reply) ? reply.map(Number) : [1, Number(reply)];
    if ((own ?? 0) >= 1 && (replicas ?? 0) >= this.#replicas) return;
    const fsync = this.#fsync ? " with fsync" : "";
    throw new UnansweredError(
      `Redis at ${address} stored it, and within ${this.#timeoutMs} ms ${replicas ?? 0} of ${this.#replicas} replicas confirmed it${fsync}`,
    );
  }
}

/** A connection that was opened, once it is known that its server can do what is asked for. */
export async function checked(opening: Promise<Connection>, durability: Durability): Promise<Connection> {
  const connection = await opening;
  try {
    await durability.check(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

/**
 * A connection on which every command is followed by a wait for its confirmation, in the same turn. A command whose
 * confirmation does not come rejects like one whose answer was lost: it may survive the loss of the server, or not.
 */
class DurableChannel implements Channel {
  readonly #connection: Channel;
  readonly #confirm: (address: string) => Promise<void>;

  constructor(connection: Channel, confirm: (address: string) => Promise<void>) {
    this.#connection = connection;
    this.#confirm = confirm;
  }

  get address(): string {
    return this.#connection.address;
  }

  async command(name: string, args: Argument[]): Promise<unknown> {
    // Written together, and a refusal of the command itself goes before what becomes of the wait.
    const [done, confirmed] = await Promise.allSettled([
      this.#connection.command(name, args),
      this.#confirm(this.address),
    ]);
    if (done.status === "rejected") throw done.reason;
    if (confirmed.status === "rejected") throw unconfirmed(confirmed.reason, this.address);
    return done.value;
  }
}

/** Whatever went wrong with the wait, the command before it was executed. */
function unconfirmed(reason: unknown, address: string): Error {
  if (reason instanceof UnansweredError) return reason;
  return new UnansweredError(`Redis at ${address} stored it, and cannot say who else has it`, { cause: reason });
}
