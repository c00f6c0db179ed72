import { ConfigError, resolveSection } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { type RedisConfig, type RedisOptions, redisSection } from "../config.js";
import { redis } from "../redis.js";
import { placeOf } from "./place.js";

function config(explicit: RedisOptions, variables: Record<string, string> = {}): RedisConfig {
  return resolveSection(redisSection, { explicit, environment: { variables, dotenv: {} } }).values;
}

describe("where the queues are", () => {
  it("is one server if nothing else is said", () => {
    expect(placeOf(config({}))).toMatchObject({ kind: "server", endpoint: { address: "127.0.0.1:6379" } });
  });

  it("is a cluster whose nodes are listed, with the port of Redis unless another is given", () => {
    const variables = { CHICORY_BROKER_REDIS_CLUSTER: "redis-1.internal, 10.0.0.2:7000,[::1]:7001" };
    const place = placeOf(config({ password: "p", tls: true }, variables));
    expect(place).toMatchObject({
      kind: "cluster",
      seeds: [
        { address: "redis-1.internal:6379", password: "p", tls: { servername: "redis-1.internal" } },
        { address: "10.0.0.2:7000", host: "10.0.0.2", port: 7000 },
        { address: "[::1]:7001", host: "::1", port: 7001 },
      ],
    });
  });

  it("is a Sentinel group, whose sentinels have a user, a password and TLS of their own", () => {
    const place = placeOf(
      config({
        sentinels: ["a", "b:7"],
        sentinelName: "main",
        password: "servers",
        db: 2,
        tls: true,
        sentinelUsername: "watcher",
        sentinelPassword: "sentinels",
        sentinelTls: false,
      }),
    );
    if (place.kind !== "sentinel") throw new Error("expected a Sentinel group");
    expect(place.sentinels).toMatchObject([
      { address: "a:26379", username: "watcher", password: "sentinels", db: 0, tls: undefined },
      { address: "b:7" },
    ]);
    expect(place.endpointAt({ host: "c", port: 8 })).toMatchObject({ address: "c:8", password: "servers", db: 2 });
    expect(place.endpointAt({ host: "c", port: 8 }).tls).toBeDefined();
  });

  it("reaches sentinels by TLS where it reaches the servers so, unless told otherwise", () => {
    const place = placeOf(config({ sentinels: ["a"], sentinelName: "main", tls: true }));
    expect(place.kind === "sentinel" && place.sentinels[0]?.tls).toBeTruthy();
  });

  it.each<[string, RedisOptions, RegExp]>([
    ["a URL and a cluster", { url: "redis://a", cluster: ["b"] }, /by url and by cluster: set only one/],
    ["a host and sentinels", { host: "a", sentinels: ["b"], sentinelName: "m" }, /by host and by sentinels/],
    ["a cluster and sentinels", { cluster: ["a"], sentinels: ["b"], sentinelName: "m" }, /by cluster and by sentinels/],
    ["sentinels without a name", { sentinels: ["b"] }, /set the option sentinelName/],
    ["a name without sentinels", { sentinelName: "m" }, /set the option sentinels/],
    ["a database of a cluster", { cluster: ["a"], db: 1 }, /only database 0/],
    ["a node that is no address", { cluster: ["redis://a"] }, /"redis:\/\/a" in the option cluster is no address/],
    ["a port out of range", { cluster: ["a:70000"] }, /is no address/],
  ])("cannot be %s", (_, options, message) => {
    expect(() => placeOf(config(options))).toThrow(ConfigError);
    expect(() => placeOf(config(options))).toThrow(message);
  });

  it("is where the code says, whatever else the environment names", () => {
    const saved = process.env.CHICORY_BROKER_REDIS_URL;
    process.env.CHICORY_BROKER_REDIS_URL = "redis://elsewhere";
    try {
      expect(() => redis({ cluster: ["a"] })).not.toThrow();
      expect(() => redis({ sentinels: ["a"], sentinelName: "m" })).not.toThrow();
    } finally {
      if (saved === undefined) delete process.env.CHICORY_BROKER_REDIS_URL;
      else process.env.CHICORY_BROKER_REDIS_URL = saved;
    }
  });
});
