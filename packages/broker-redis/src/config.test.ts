import { ConfigError, resolveSection } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { parseRedisUrl, type RedisConfig, type RedisOptions, redisSection } from "./config.js";
import { endpointOf } from "./connection/endpoint.js";

function config(explicit: RedisOptions, variables: Record<string, string> = {}): RedisConfig {
  return resolveSection(redisSection, { explicit, environment: { variables, dotenv: {} } }).values;
}

describe("the config of the Redis broker", () => {
  it("has a default for everything that needs a value", () => {
    expect(config({})).toMatchObject({
      port: 6379,
      cluster: [],
      sentinels: [],
      db: 0,
      tls: false,
      keyPrefix: "chicory",
      leaseMs: 30_000,
      maxLength: 0,
    });
  });

  it("is read from the environment", () => {
    const variables = {
      CHICORY_BROKER_REDIS_HOST: "redis.internal",
      CHICORY_BROKER_REDIS_PORT: "7000",
      CHICORY_BROKER_REDIS_TLS: "true",
      CHICORY_BROKER_REDIS_KEY_PREFIX: "shop:eu",
      CHICORY_BROKER_REDIS_LEASE_MS: "60000",
    };
    expect(config({ port: 7001 }, variables)).toMatchObject({
      host: "redis.internal",
      port: 7001,
      tls: true,
      keyPrefix: "shop:eu",
      leaseMs: 60_000,
    });
  });

  it.each<[string, RedisOptions]>([
    ["a key prefix with braces, which would change the slot", { keyPrefix: "{x}" }],
    ["a key prefix that ends with a colon", { keyPrefix: "x:" }],
    ["a port out of range", { port: 70_000 }],
    ["a lease too short to be renewed", { leaseMs: 10 }],
    ["a URL of something else", { url: "http://localhost" }],
  ])("refuses %s", (_, options) => {
    expect(() => config(options)).toThrow(ConfigError);
  });

  it("never shows a URL or a password that it refuses", () => {
    const url = "amqp://user:s3cr3t@host";
    expect(() => config({ url })).toThrow(/^(?!.*s3cr3t)/);
    expect(() => parseRedisUrl("redis://user:s3cr3t@ho st")).toThrow(/^(?!.*s3cr3t).*cannot be read as a URL/);
  });
});

describe("a Redis URL", () => {
  it.each([
    ["redis://", {}],
    ["redis://host", { host: "host" }],
    ["redis://host:1234/5", { host: "host", port: 1234, db: 5 }],
    ["redis://:pa%2Fss@host", { host: "host", password: "pa/ss" }],
    ["rediss://us%40er:pass@host", { host: "host", username: "us@er", password: "pass", tls: true }],
    ["redis://[::1]:1234", { host: "::1", port: 1234 }],
    ["unix:///run/redis.sock?db=2", { socketPath: "/run/redis.sock", db: 2 }],
  ])("%s is taken apart", (url, parts) => {
    expect(parseRedisUrl(url)).toEqual(parts);
  });

  it("with a database that is no number is refused", () => {
    expect(() => parseRedisUrl("redis://host/zero")).toThrow(ConfigError);
  });

  it("wins where it names a part, and leaves the others to the single options", () => {
    const endpoint = endpointOf(config({ url: "redis://elsewhere:7000", host: "here", password: "p", db: 3 }));
    expect(endpoint).toMatchObject({ host: "elsewhere", port: 7000, password: "p", db: 3, address: "elsewhere:7000" });
  });
});

describe("an endpoint", () => {
  it("is named by host and port, or by its socket", () => {
    expect(endpointOf(config({ host: "::1", port: 7 })).address).toBe("[::1]:7");
    expect(endpointOf(config({ socketPath: "/run/redis.sock" })).address).toBe("/run/redis.sock");
  });

  it("asks a certificate for the host's name, or for the one that is given", () => {
    expect(endpointOf(config({ tls: true, host: "redis.internal" })).tls).toMatchObject({
      servername: "redis.internal",
      minVersion: "TLSv1.2",
    });
    expect(endpointOf(config({ tls: true, host: "10.0.0.1" })).tls).not.toHaveProperty("servername");
    expect(endpointOf(config({ tls: true, tlsServername: "x.test" })).tls).toMatchObject({ servername: "x.test" });
  });

  it("needs a password beside a username", () => {
    expect(() => endpointOf(config({ username: "worker" }))).toThrow(/set the option password/);
  });
});
