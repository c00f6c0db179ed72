import { ConfigError } from "@chicory/core";

/** Where a server listens. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Writes an address as `host:port`, or `[host]:port` for IPv6. */
export function toAddress({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads `host`, `host:port` or `[ipv6]:port`. Throws a {@link ConfigError} that names the option. */
export function parseHostPort(text: string, defaultPort: number, option: string): HostPort {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s/@]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new ConfigError(`${JSON.stringify(text)} in the option ${option} is no address: write host:port`);
  }
  return { host, port };
}
