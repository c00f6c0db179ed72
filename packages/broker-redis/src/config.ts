import { brokerSection, ConfigError, type SectionOptions, type SectionValues, secret } from "@chicory/core";
import * as v from "valibot";

const milliseconds = (least: number, description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.description(description));

const text = (description: string) => v.optional(v.pipe(v.string(), v.minLength(1), v.description(description)));

const addresses = (description: string) =>
  v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.description(description)), []);

/**
 * Options of this broker: `broker.redis` in a config object, `CHICORY_BROKER_REDIS_*` in the environment. Parts that
 * `url` names win over the single options.
 */
export const configSchema = v.strictObject({
  url: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(rediss?|unix):\/\//, "a URL that begins with redis://, rediss:// or unix://"),
      secret(),
      v.description("Everything in one: redis[s]://[username][:password@]host[:port][/db], or unix:///path[?db=0]"),
    ),
  ),
  host: text("Host name or address; 127.0.0.1 if nothing else says where the server is"),
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535), v.description("TCP port")), 6379),
  socketPath: text("Path of a Unix socket, instead of host and port"),
  cluster: addresses(
    "Nodes of a Redis Cluster as host or host:port, instead of host; some suffice, the others are found",
  ),
  sentinels: addresses("Sentinels as host or host:port, instead of host; they are asked for the master"),
  sentinelName: text("Name of the master, as the sentinels know it"),
  sentinelUsername: text("ACL user of the sentinels themselves"),
  sentinelPassword: v.optional(
    v.pipe(v.string(), v.minLength(1), secret(), v.description("Password of the sentinels themselves")),
  ),
  sentinelTls: v.optional(
    v.pipe(v.boolean(), v.description("Whether to connect to the sentinels by TLS; as tls if not given")),
  ),
  db: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.description("Number of the database")), 0),
  username: text("ACL user; the server's default user if not given"),
  password: v.optional(v.pipe(v.string(), v.minLength(1), secret(), v.description("Password of the user"))),
  tls: v.optional(v.pipe(v.boolean(), v.description("Whether to connect by TLS")), false),
  tlsCaFile: text("PEM file of the authorities to trust instead of the public ones"),
  tlsCertFile: text("PEM file of this client's certificate, where the server asks for one"),
  tlsKeyFile: text("PEM file of that certificate's key"),
  tlsServername: text("Name that the server's certificate must carry, if it is not the host's"),
  keyPrefix: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9._-]+(:[A-Za-z0-9._-]+)*$/, "letters, digits and . _ - in parts joined by :"),
      v.description("First part of every key: apps with different ones do not see each other"),
    ),
    "chicory",
  ),
  leaseMs: v.optional(
    milliseconds(500, "How long a worker that fell silent keeps its messages, in milliseconds"),
    30_000,
  ),
  leaseThread: v.optional(
    v.pipe(
      v.boolean(),
      v.description("Whether a thread renews leases while a task blocks the event loop, so that it is not run twice"),
    ),
    true,
  ),
  maxLength: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.description("Most messages that a queue may hold, in flight ones included; more are refused. 0 is no limit"),
    ),
    0,
  ),
  durabilityReplicas: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.description("How many replicas must have a send, or the ack of a task at most once, before it counts"),
    ),
    0,
  ),
  durabilityFsync: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        "Whether it must be on the disk of the server and of these replicas; needs Redis 7.2 and appendonly",
      ),
    ),
    false,
  ),
  durabilityTimeoutMs: v.optional(
    milliseconds(1, "Longest wait for that in milliseconds; then the outcome of the send is unknown"),
    1_000,
  ),
  connectTimeoutMs: v.optional(milliseconds(1, "Longest time until a connection is open, in milliseconds"), 5_000),
  commandTimeoutMs: v.optional(
    milliseconds(1, "Longest time until the server answers a command, in milliseconds"),
    5_000,
  ),
});

/** Options as they are written; every one may be left out. */
export type RedisOptions = SectionOptions<typeof configSchema>;

/** Options with every default filled in. */
export type RedisConfig = SectionValues<typeof configSchema>;

declare module "@chicory/core" {
  interface BrokerConfigs {
    redis: RedisOptions;
  }
}

/** Short name, and name of the config section. */
export const brokerName = "redis";

/** Where the options stand in a config object and in the environment. */
export const redisSection = brokerSection(brokerName, configSchema);

/** The database and the server that a URL names; every part may be missing. */
export interface UrlParts {
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  readonly db?: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: boolean;
}

/** Reads a URL. Throws a {@link ConfigError} that does not show it, since it may hold a password. */
export function parseRedisUrl(url: string): UrlParts {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) throw invalidUrl("it cannot be read as a URL; escape special characters of the password");
  const login = {
    ...(parsed.username === "" ? {} : { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password === "" ? {} : { password: decodeURIComponent(parsed.password) }),
  };
  if (parsed.protocol === "unix:") {
    const db = parsed.searchParams.get("db");
    return { ...login, socketPath: decodeURIComponent(parsed.pathname), ...(db === null ? {} : { db: toDb(db) }) };
  }
  const path = parsed.pathname.replace(/^\//, "");
  return {
    ...login,
    ...(parsed.hostname === "" ? {} : { host: parsed.hostname.replace(/^\[(.*)\]$/, "$1") }),
    ...(parsed.port === "" ? {} : { port: Number(parsed.port) }),
    ...(path === "" ? {} : { db: toDb(path) }),
    ...(parsed.protocol === "rediss:" ? { tls: true } : {}),
  };
}

function toDb(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw invalidUrl("the database in it must be a number");
}

function invalidUrl(reason: string): ConfigError {
  return new ConfigError(`The option url of the Redis broker is not acceptable: ${reason}`);
}
