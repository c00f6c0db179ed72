import type { CertificateKind } from "./certificates.js";

/** What kind of Redis a test needs; without any option it is a plain one that keeps nothing over a kill. */
export interface RedisServerOptions {
  /** The append-only file: true is "everysec". What was written before a kill -9 of the server alone survives with each. */
  readonly appendonly?: boolean | "always" | "everysec";
  /** The default user's password. */
  readonly password?: string;
  /** ACL rules of more users, as in redis.conf without the word "user": `worker on >secret ~chicory:* +@all`. */
  readonly users?: readonly string[];
  /** TLS only, with a certificate that a client should accept (true, "valid") or one that it must refuse. */
  readonly tls?: boolean | CertificateKind;
  /** More lines of redis.conf. They come last, so they win; the log level must let notices through. */
  readonly config?: readonly string[];
  /** More environment of the server's process. Not in a container: whoever needs it looks at `source`. */
  readonly env?: Readonly<Record<string, string>>;
  /** True for a test that kills, pauses or restarts its server, so that one given by URL is left alone. */
  readonly ownServer?: boolean;
}

/** Where the server that reads the configuration finds its things. */
export interface RedisPlaces {
  readonly bind: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly certificateFolder: string;
}

/** The kind of certificate that the options ask for, or undefined without TLS. */
export function certificateKind({ tls }: RedisServerOptions): CertificateKind | undefined {
  if (tls === true) return "valid";
  return tls === false ? undefined : tls;
}

/** The text of redis.conf. A file rather than arguments, so that no password shows in a list of processes. */
export function redisConfig(options: RedisServerOptions, places: RedisPlaces): string {
  const { appendonly = false, password, users = [], config = [] } = options;
  const { bind, port, dataFolder, certificateFolder } = places;
  const lines = [
    `bind ${bind}`,
    "protected-mode no",
    `dir ${dataFolder}`,
    // Never saves by itself, but does so when it is asked to end: a restart keeps the data, a kill does not.
    "save 1000000000 1",
    `appendonly ${appendonly === false ? "no" : "yes"}`,
    `appendfsync ${appendonly === "always" ? "always" : "everysec"}`,
  ];
  if (certificateKind(options)) {
    lines.push(
      "port 0",
      `tls-port ${port}`,
      "tls-auth-clients no",
      `tls-ca-cert-file ${certificateFolder}/ca.pem`,
      `tls-cert-file ${certificateFolder}/server.pem`,
      `tls-key-file ${certificateFolder}/server.key`,
    );
  } else {
    lines.push(`port ${port}`);
  }
  if (password !== undefined) lines.push(`requirepass ${JSON.stringify(password)}`);
  lines.push(...users.map((rule) => `user ${rule}`), ...config);
  return `${lines.join("\n")}\n`;
}
