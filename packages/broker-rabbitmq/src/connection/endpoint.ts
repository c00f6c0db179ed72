import { readFileSync } from "node:fs";
import { isIP, isIPv6 } from "node:net";
import { hostname } from "node:os";
import { ConfigError } from "@chicory/core";
import type { ConnectionOptions } from "rabbitmq-client";
import { DEFAULT_PORT, type RabbitmqConfig } from "../config.js";

/** Body bytes of a frame: the server's own default. The client's would cut 1 MiB into 129 pieces. */
const FRAME_MAX = 131_072;

/**
 * The client sees a confirm only after its own write has "drained". Below this mark a write is never held back, so no
 * confirm can come too early and be dropped; what may wait in the buffer is bounded by the publisher's window.
 */
const SOCKET_BUFFER_BYTES = 64 * 1_048_576;

/** One node of the server. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where and how to connect, from config. */
export interface Server {
  readonly endpoints: readonly Endpoint[];
  readonly vhost: string;
  readonly username: string;
  /** How to connect to one of the endpoints, for the purpose that the connection's name shows. */
  options(endpoint: Endpoint, purpose: string): ConnectionOptions;
}

/** Reads the config. Throws a {@link ConfigError} for a URL or a file that is not acceptable, without showing secrets. */
export function serverOf(config: RabbitmqConfig): Server {
  const url = config.url === undefined ? {} : parseAmqpUrl(config.url);
  const { username, password, vhost, tls } = { ...config, ...url };
  const defaultPort = tls ? DEFAULT_PORT.tls : DEFAULT_PORT.plain;
  const { host, port = defaultPort } = { host: config.host, port: config.port, ...url };
  const endpoints =
    config.hosts.length > 0 && url.host === undefined
      ? config.hosts.map((text) => parseHost(text, config.port ?? defaultPort))
      : [{ host, port: port ?? defaultPort }];
  const files = tls ? tlsFiles(config) : undefined;
  const name = config.connectionName ?? `chicory/${hostname()}:${process.pid}`;
  return {
    endpoints,
    vhost,
    username,
    options: (endpoint, purpose) => ({
      hostname: endpoint.host,
      port: endpoint.port,
      username,
      password,
      vhost,
      ...(files === undefined ? {} : { tls: { ...files, servername: config.tlsServername ?? nameOf(endpoint.host) } }),
      connectionName: `${name}/${purpose}`,
      heartbeat: Math.ceil(config.heartbeatMs / 1_000),
      connectionTimeout: config.connectTimeoutMs,
      acquireTimeout: config.connectTimeoutMs,
      frameMax: FRAME_MAX,
      noDelay: true,
      // Part of every socket's options, which the client's type leaves out.
      socket: { highWaterMark: SOCKET_BUFFER_BYTES } as ConnectionOptions["socket"] & { highWaterMark: number },
    }),
  };
}

/** What a URL names; every part may be missing. */
interface UrlParts {
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly vhost?: string;
  readonly tls?: boolean;
}

/** Reads a URL. Throws a {@link ConfigError} that does not show it, since it may hold a password. */
export function parseAmqpUrl(url: string): UrlParts {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.hostname === "") {
    throw new ConfigError(
      "The option url of the RabbitMQ broker cannot be read as a URL: escape special characters of the password",
    );
  }
  const path = parsed.pathname.replace(/^\//, "");
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(parsed.port === "" ? {} : { port: Number(parsed.port) }),
    ...(parsed.username === "" ? {} : { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password === "" ? {} : { password: decodeURIComponent(parsed.password) }),
    ...(path === "" ? {} : { vhost: decodeURIComponent(path) }),
    ...(parsed.protocol === "amqps:" ? { tls: true } : {}),
  };
}

/** Reads `host`, `host:port`, `::1` or `[::1]:port`. */
export function parseHost(text: string, defaultPort: number): Endpoint {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) {
    if (isIPv6(text)) return { host: text, port: defaultPort };
    throw new ConfigError(`"${text}" in the option hosts of the RabbitMQ broker must be host or host:port`);
  }
  const [, bracketed, plain, port] = match;
  return { host: bracketed ?? plain ?? text, port: port === undefined ? defaultPort : Number(port) };
}

function tlsFiles(config: RabbitmqConfig): Record<string, unknown> {
  return {
    minVersion: "TLSv1.2",
    ...(config.tlsCaFile === undefined ? {} : { ca: read(config.tlsCaFile, "tlsCaFile") }),
    ...(config.tlsCertFile === undefined ? {} : { cert: read(config.tlsCertFile, "tlsCertFile") }),
    ...(config.tlsKeyFile === undefined ? {} : { key: read(config.tlsKeyFile, "tlsKeyFile") }),
  };
}

/** An address is no name that TLS could ask for. */
function nameOf(host: string): string | undefined {
  return isIP(host) === 0 ? host : undefined;
}

function read(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ConfigError(`The file ${path} of the option ${option} cannot be read`, { cause });
  }
}
