import { readFileSync } from "node:fs";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { ConfigError } from "@chicory/core";
import { parseRedisUrl, type RedisConfig } from "./config.js";

/** Where the server is and how to log in: what a connection needs to know of the config. */
export interface Endpoint {
  /** `host:port` or the socket's path, as error messages name it. Never a secret. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Undefined for a plain connection. */
  readonly tls: TlsOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
}

/** Makes the endpoint of a config. Throws a {@link ConfigError} if a file that it names cannot be read. */
export function endpointOf(config: RedisConfig): Endpoint {
  const { url, connectTimeoutMs, commandTimeoutMs } = config;
  const { host, port, db, username, password, ...rest } = {
    ...config,
    ...(url === undefined ? {} : parseRedisUrl(url)),
  };
  if (username !== undefined && password === undefined) {
    throw new ConfigError("The Redis broker has a username and no password: set the option password");
  }
  const socketPath = rest.socketPath;
  return {
    address: socketPath ?? (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`),
    host,
    port,
    socketPath,
    db,
    username,
    password,
    tls: rest.tls ? tlsOptions(config, host) : undefined,
    connectTimeoutMs,
    commandTimeoutMs,
  };
}

function tlsOptions(config: RedisConfig, host: string): TlsOptions {
  const { tlsCaFile, tlsCertFile, tlsKeyFile, tlsServername } = config;
  // An IP address is no server name in TLS; Node then checks the certificate against the address itself.
  const servername = tlsServername ?? (/^[\d.]+$|:/.test(host) ? undefined : host);
  return {
    minVersion: "TLSv1.2",
    ...(servername === undefined ? {} : { servername }),
    ...(tlsCaFile === undefined ? {} : { ca: read("tlsCaFile", tlsCaFile) }),
    ...(tlsCertFile === undefined ? {} : { cert: read("tlsCertFile", tlsCertFile) }),
    ...(tlsKeyFile === undefined ? {} : { key: read("tlsKeyFile", tlsKeyFile) }),
  };
}

function read(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ConfigError(`The file ${path} of the option ${option} cannot be read`, { cause });
  }
}
