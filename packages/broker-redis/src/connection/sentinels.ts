import { AccessError, ConfigError, ConnectionError, type Logger, ServerError } from "@chicory/core";
import { serverErrorCode } from "../errors.js";
import type { Connection, ConnectionOptions } from "./connection.js";
import type { Endpoint, EndpointAt } from "./endpoint.js";
import { type HostPort, toAddress } from "./host-port.js";
import type { Opener } from "./opener.js";

/** What is known of a Sentinel group. */
export interface SentinelsOptions {
  /** Name of the master. */
  readonly name: string;
  readonly sentinels: readonly Endpoint[];
  /** The endpoint of a server of the group. */
  readonly endpointAt: EndpointAt;
  readonly opener: Opener;
  readonly logger: Logger;
}

/**
 * Finds the master of a group anew for every connection, so that a failover is followed by reconnecting. A master that
 * was cut off from its group goes on answering as if nothing had happened: only the sentinels know of its end.
 */
export class Sentinels {
  readonly #options: SentinelsOptions;
  /** A server that most sentinels did not name as master when they were asked last. */
  #disowned: string | undefined;

  constructor(options: SentinelsOptions) {
    this.#options = options;
  }

  /** The group as error messages name it while its master is not known. */
  get address(): string {
    const { name, sentinels } = this.#options;
    return `${name} (of the sentinels ${sentinels.map(({ address }) => address).join(", ")})`;
  }

  /** Disowns a master if most of the sentinels name another one; resolves with whether they do. Never rejects. */
  async disown(address: string): Promise<boolean> {
    const { sentinels, logger } = this.#options;
    const named = await Promise.all(sentinels.map((sentinel) => this.#ask(sentinel).catch(() => undefined)));
    const others = named.flatMap((other) => (other === undefined || toAddress(other) === address ? [] : other));
    if (!this.#isMajority(others.length)) return false;
    logger.warn(
      { address },
      "Another server became the master, and the old one still answers: following the sentinels",
    );
    this.#disowned = address;
    return true;
  }

  /**
   * Opens a connection to the master. All sentinels are asked at once, so that one that is down costs no time, and what
   * they say is verified by asking the server itself: one that was cut off may name a master of the past. What most of
   * them disowned needs the word of most of them to be the master again. Rejects with
   * a `ConfigError` if those that answer know no such name, else with the reason for which no server could be used.
   */
  async open(role: string, options: ConnectionOptions): Promise<Connection> {
    const { sentinels, name } = this.#options;
    const failures: Error[] = [];
    const tried = new Set<string>();
    const votes = new Map<string, number>();
    let unknown = 0;
    let opened: Connection | undefined;
    // One server after the other, as the answers come: two attempts at once could open two connections.
    let turn: Promise<void> = Promise.resolve();
    const attempt = async (named: HostPort | undefined): Promise<void> => {
      if (named === undefined) unknown += 1;
      if (named === undefined || opened !== undefined) return;
      const address = toAddress(named);
      const count = (votes.get(address) ?? 0) + 1;
      votes.set(address, count);
      if (tried.has(address) || (address === this.#disowned && !this.#isMajority(count))) return;
      tried.add(address);
      opened = await this.#openMaster(named, role, options);
    };
    const answers = sentinels.map(async (sentinel) => {
      try {
        const named = await this.#ask(sentinel);
        turn = turn.then(() => attempt(named)).catch((error: Error) => void failures.push(error));
        await turn;
      } catch (error) {
        failures.push(error instanceof Error ? error : new ConnectionError(String(error)));
      }
      if (opened !== undefined) return opened;
      throw new Error("not by this sentinel");
    });
    try {
      return await Promise.any(answers);
    } catch {
      if (unknown > 0 && tried.size === 0) throw noSuchName(name, this.address);
      throw failures.at(-1) ?? new ConnectionError(`No master of ${this.address} was found`);
    }
  }

  #isMajority(count: number): boolean {
    return 2 * count > this.#options.sentinels.length;
  }

  async #ask(sentinel: Endpoint): Promise<HostPort | undefined> {
    const { opener, name } = this.#options;
    const connection = await opener
      .openUnchecked(sentinel, "sentinel", { blockMs: 0, onEnd: () => undefined })
      .catch((error: unknown) => {
        throw error instanceof AccessError ? refusedBySentinel(sentinel, error) : error;
      });
    try {
      const reply = await connection.command("sentinel", ["get-master-addr-by-name", name]);
      if (!Array.isArray(reply)) return undefined;
      return { host: String(reply[0]), port: Number(reply[1]) };
    } finally {
      connection.close();
    }
  }

  async #openMaster(named: HostPort, role: string, options: ConnectionOptions): Promise<Connection> {
    const { opener, endpointAt } = this.#options;
    const connection = await opener.open(endpointAt(named), role, options);
    try {
      await this.#assertMaster(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  async #assertMaster(connection: Connection): Promise<void> {
    const { logger } = this.#options;
    let reply: unknown;
    try {
      reply = await connection.command("role", []);
    } catch (error) {
      if (serverErrorCode(error) !== "NOPERM") throw error;
      logger.debug({ err: error }, "The server cannot be asked for its role, since this user may not");
      return;
    }
    const role = Array.isArray(reply) ? String(reply[0]) : "";
    if (role === "master") return;
    throw new ServerError(`Redis at ${connection.address} is named as master by a sentinel, and is a ${role}`, {
      retryable: true,
    });
  }
}

/** The options of the servers' user are not those of the sentinels' user. */
function refusedBySentinel({ address }: Endpoint, cause: AccessError): AccessError {
  return new AccessError(
    `The sentinel at ${address} refused this user: check the options sentinelUsername and sentinelPassword`,
    { cause },
  );
}

function noSuchName(name: string, address: string): ConfigError {
  return new ConfigError(`No master is called ${JSON.stringify(name)} at ${address}: check the option sentinelName`);
}
