import { Redis } from "ioredis";
import { type Certificates, createCertificates } from "./certificates.js";
import { startOnFreePort } from "./port-retry.js";
import { localRedisProgram, type RedisServer, startRedisOn } from "./redis.js";
import type { RedisServerOptions } from "./redis-config.js";
import { TestServerError } from "./test-server-error.js";

/** Longest time until one command is answered, in milliseconds. */
const COMMAND_DEADLINE_MS = 5_000;

/** A Redis that is one of several. */
export interface RedisNode extends RedisServer {
  /** Runs one command on a connection of its own, as the default user. Rejects if there is no answer in five seconds. */
  command(...command: readonly (string | number)[]): Promise<unknown>;
}

/** What the servers of a group have in common. */
export interface RedisGroupOptions
  extends Pick<RedisServerOptions, "appendonly" | "password" | "users" | "tls" | "config"> {
  /**
   * For how long a server must be silent to count as failed, in milliseconds. The default lets a failover begin soon; a
   * test that wants none on a loaded machine sets more.
   */
  readonly failureMs?: number;
}

/** Starts the servers of one group: local programs, with the same options and, by TLS, one authority. */
export class RedisNodes {
  readonly program: string;
  readonly options: Omit<RedisGroupOptions, "failureMs">;
  readonly certificates: Certificates | undefined;
  readonly #started: RedisNode[] = [];

  private constructor(program: string, options: Omit<RedisGroupOptions, "failureMs">) {
    this.program = program;
    this.options = options;
    this.certificates = options.tls === undefined || options.tls === false ? undefined : createCertificates();
  }

  /** Rejects where there is no local program: `what`, such as "A Redis cluster", is made of local programs only. */
  static async prepare(what: string, options: Omit<RedisGroupOptions, "failureMs">): Promise<RedisNodes> {
    const program = await localRedisProgram();
    if (program !== undefined) return new RedisNodes(program, options);
    throw new TestServerError(
      `${what} needs the server as a local program: apt-get install redis-server, and leave CHICORY_TEST_SERVERS unset`,
    );
  }

  /** Starts one more, with these lines in its configuration. `busDistance` is how far above its port it has a second. */
  async start(lines: readonly string[], busDistance = 0): Promise<RedisNode> {
    const { program, options, certificates } = this;
    const config = [...groupLines(options), ...lines, ...(options.config ?? [])];
    const server = await startOnFreePort(
      (port) => startRedisOn(port, { source: "local", binary: program }, { ...options, config }, certificates),
      busDistance,
    );
    const node = Object.assign(server, { command: commandOf(server, options.password) });
    this.#started.push(node);
    return node;
  }

  /** Ends all that were started. May be called twice. */
  async stop(): Promise<void> {
    await Promise.all(this.#started.map((node) => node.stop()));
  }
}

/** As whom the servers of a group that has a password log in to one another, so that one can be cut off from the others. */
export const PEER_USER = "peer";

function groupLines({ password, tls }: RedisGroupOptions): readonly string[] {
  return [
    // A new replica is served at once; the default waits five seconds for others to come.
    "repl-diskless-sync-delay 0",
    "repl-ping-replica-period 1",
    ...(password === undefined ? [] : peerLines(password)),
    ...(tls === undefined || tls === false ? [] : ["tls-replication yes"]),
  ];
}

function peerLines(password: string): readonly string[] {
  return [
    `user ${PEER_USER} on >${password} ~* &* +@all`,
    `masteruser ${PEER_USER}`,
    `masterauth ${JSON.stringify(password)}`,
  ];
}

/** How commands are run on a server; see {@link RedisNode.command}. */
export function commandOf(server: RedisServer, password: string | undefined): RedisNode["command"] {
  return async (name, ...args) => {
    const client = new Redis({
      host: server.host,
      port: server.port,
      ...(password === undefined ? {} : { password }),
      // What the server's certificate says is for other tests to see.
      ...(server.tls === undefined ? {} : { tls: { rejectUnauthorized: false } }),
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      disableClientInfo: true,
      protocol: 2,
      connectTimeout: COMMAND_DEADLINE_MS,
      commandTimeout: COMMAND_DEADLINE_MS,
    });
    // Every failure comes by the promise; without a listener the library writes to the console.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return await client.call(String(name), args);
    } finally {
      client.disconnect();
    }
  };
}
