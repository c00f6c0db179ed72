import { readFileSync } from "node:fs";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { ConfigError } from "@chicory/core";
import { parseRedisUrl, type RedisConfig } from "../config.js";
import { type HostPort, toAddress } from "./host-port.js";

/** Where the server is and how to log in: what a connection needs to know of the config. */
export interface Endpoint extends HostPort {
  /** `host:port` or the socket's path, as error messages name it. Never a secret. */
  readonly address: string;
  readonly socketPath: string | undefined;
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Undefined for a plain connection. */
  readonly tls: TlsOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
}

/** Makes the endpoints of servers that share everything but their address. */
export type EndpointAt = (address: HostPort) => Endpoint;

interface Login {
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

const DEFAULT_HOST = "127.0.0.1";

/** Makes the endpoint of a config with one server. Throws a {@link ConfigError} if a file that it names cannot be read. */
export function endpointOf(config: RedisConfig): Endpoint {
  const { url } = config;
  const { host, port, db, username, password, tls, socketPath } = {
    ...config,
    ...(url === undefined ? {} : parseRedisUrl(url)),
  };
  const endpoint = endpointsOf(config, { db, username, password, tls })({ host: host ?? DEFAULT_HOST, port });
  return socketPath === undefined ? endpoint : { ...endpoint, socketPath, address: socketPath };
}

/** Makes the endpoints of servers that are logged into alike. The files that the config names are read once. */
export function endpointsOf(config: RedisConfig, login: Login): EndpointAt {
  const { db, username, password, tls } = login;
  if (username !== undefined && password === undefined) {
    throw new ConfigError("The Redis broker has a username and no password: set the option password");
  }
  const { connectTimeoutMs, commandTimeoutMs } = config;
  const tlsOptions = tls ? readTls(config) : undefined;
  return ({ host, port }) => ({
    address: toAddress({ host, port }),
    host,
    port,
    socketPath: undefined,
    db,
    username,
    password,
    tls: tlsOptions && { ...tlsOptions, ...servername(config, host) },
    connectTimeoutMs,
    commandTimeoutMs,
  });
}

/** An IP address is no server name in TLS; Node then checks the certificate against the address itself. */
function servername({ tlsServername }: RedisConfig, host: string): { servername?: string } {
  const name = tlsServername ?? (/^[\d.]+$|:/.test(host) ? undefined : host);
  return name === undefined ? {} : { servername: name };
}

function readTls({ tlsCaFile, tlsCertFile, tlsKeyFile }: RedisConfig): TlsOptions {
  return {
    minVersion: "TLSv1.2",
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
