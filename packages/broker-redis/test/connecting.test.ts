import { inspect } from "node:util";
import { AccessError, type BrokerDriver, ConfigError, ConnectionError } from "@chicory/core";
import { eventually, type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { Redis } from "ioredis";
import type { RedisOptions } from "../src/config.js";
import { redis } from "../src/redis.js";
import { Fixture, publishOutcome, receive, rejection, textOf } from "./fixture.js";

const SECRET = "s3cr3t/with:odd@signs";

let opened: BrokerDriver[] = [];

function driver(options: RedisOptions): BrokerDriver {
  const made = redis(options);
  opened.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(opened.map((made) => made.close()));
  opened = [];
});

async function refusal<T extends Error>(
  options: RedisOptions,
  type: abstract new (...parameters: never[]) => T,
): Promise<T> {
  const error = await rejection(driver(options).connect(), type);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
  return error;
}

describe("connecting to a server with users", () => {
  let server: RedisServer;
  let place: RedisOptions;
  beforeAll(async () => {
    server = await startRedis({ password: SECRET, users: [`worker on >${SECRET} ~* &* +@all`] });
    place = { host: server.host, port: server.port };
  });
  afterAll(async () => {
    await server.stop();
  });

  it("works with the default user's password", async () => {
    await driver({ ...place, password: SECRET }).connect();
  });

  it("works with an ACL user", async () => {
    await driver({ ...place, username: "worker", password: SECRET }).connect();
  });

  it("works with everything in a URL", async () => {
    const login = `worker:${encodeURIComponent(SECRET)}`;
    const url = `redis://${login}@${server.host}:${server.port}/3`;
    const t = new Fixture(server, { url });
    const admin = new Redis({ host: server.host, port: server.port, password: SECRET, db: 3 });
    try {
      await t.driver().publish([t.message("in database 3")]);
      expect(await admin.xlen(t.stream())).toBe(1);
    } finally {
      admin.disconnect();
      await t.close();
    }
  });

  it("says that a password is wrong, without showing it", async () => {
    const error = await refusal({ ...place, password: `${SECRET}!` }, AccessError);
    expect(error.message).toContain(`${server.host}:${server.port} refused the credentials`);
  });

  it("says that a user does not exist", async () => {
    await refusal({ ...place, username: "nobody", password: SECRET }, AccessError);
  });

  it("says that a password is needed", async () => {
    expect((await refusal(place, AccessError)).message).toContain("set the option password");
  });

  it("refuses a publish for that reason, as certainly not stored", async () => {
    const t = new Fixture(server);
    const { outcome, cause } = await publishOutcome(t.driver(), t.message("no"));
    expect(outcome).toBe("rejected");
    expect(cause).toBeInstanceOf(AccessError);
    await t.close();
  });
});

describe("connecting by TLS", () => {
  const servers: RedisServer[] = [];
  async function tlsServer(tls: "valid" | "wrong-name" | "expired"): Promise<{ place: RedisOptions; caFile: string }> {
    const server = await startRedis({ tls });
    servers.push(server);
    return {
      place: { host: server.host, port: server.port, tls: true },
      caFile: server.tls?.caFile ?? "",
    };
  }
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  it("works with a private authority, and refuses it where it is not given", async () => {
    const { place, caFile } = await tlsServer("valid");
    await driver({ ...place, tlsCaFile: caFile }).connect();
    await driver({ url: `rediss://127.0.0.1:${place.port}`, tlsCaFile: caFile }).connect();
    expect((await refusal(place, ConfigError)).message).toContain("tlsCaFile");
  });

  it("refuses a certificate for another name, and takes it where that name is expected", async () => {
    const { place, caFile } = await tlsServer("wrong-name");
    expect((await refusal({ ...place, tlsCaFile: caFile }, ConfigError)).message).toContain("tlsServername");
    await driver({ ...place, tlsCaFile: caFile, tlsServername: "elsewhere.test" }).connect();
  });

  it("refuses a certificate that has expired", async () => {
    const { place, caFile } = await tlsServer("expired");
    expect((await refusal({ ...place, tlsCaFile: caFile }, ConfigError)).message).toContain("expired");
  });

  it("says something useful when TLS is not used where it must be", async () => {
    const { place } = await tlsServer("valid");
    const error = await refusal({ ...place, tls: false }, ConnectionError);
    expect(error.message).toContain("does it require TLS");
  });

  it("names the file that cannot be read", () => {
    expect(() => redis({ tls: true, tlsCaFile: "/no/such/ca.pem" })).toThrow(/\/no\/such\/ca\.pem/);
  });
});

describe("connecting to what is no usable server", () => {
  let server: RedisServer;
  let place: RedisOptions;
  beforeAll(async () => {
    server = await startRedis({ config: ["maxmemory 100mb"] });
    place = { host: server.host, port: server.port };
  });
  afterAll(async () => {
    await server.stop();
  });

  it("says that nobody listens, at which address", async () => {
    const error = await refusal({ host: "127.0.0.1", port: 1 }, ConnectionError);
    expect(error.message).toMatch(/Cannot connect to Redis at 127\.0\.0\.1:1: connection refused/);
  });

  it("says that the host does not exist", async () => {
    const error = await refusal({ host: "no-such-host.invalid" }, ConnectionError);
    expect(error.message).toContain("no-such-host.invalid:6379");
  });

  it("says that the socket file does not exist", async () => {
    const error = await refusal({ socketPath: "/no/such/redis.sock" }, ConnectionError);
    expect(error.message).toContain("/no/such/redis.sock");
  });

  it("can be tried again on the same driver, and works once the server is there", async () => {
    const t = new Fixture(server);
    await t.admin.config("SET", "maxmemory-policy", "allkeys-lru");
    const made = t.driver();
    expect((await rejection(made.connect(), ConfigError)).message).toContain("maxmemory-policy noeviction");
    await t.admin.config("SET", "maxmemory-policy", "noeviction");
    await made.connect();
    await t.close();
  });

  it("says that a plain server does not answer TLS", async () => {
    const error = await refusal({ ...place, tls: true, connectTimeoutMs: 500 }, ConnectionError);
    expect(error.message).toContain("Does the server speak TLS on this port?");
  });

  it("says that the database does not exist", async () => {
    const error = await rejection(driver({ ...place, db: 99_999 }).connect(), Error);
    expect(error.message).toContain("DB index is out of range");
  });

  it("says which option is for a cluster", async () => {
    const cluster = await startRedis({ config: ["cluster-enabled yes"] });
    try {
      const error = await refusal({ host: cluster.host, port: cluster.port }, ConfigError);
      expect(error.message).toContain("name its nodes by the option cluster");
    } finally {
      await cluster.stop();
    }
  });

  it("ignores a password where the server has none", async () => {
    await driver({ ...place, password: SECRET }).connect();
  });

  it("leaves nothing open that would keep the process alive", async () => {
    const before = sockets();
    const failed = driver({ host: "127.0.0.1", port: 1 });
    await rejection(failed.connect(), ConnectionError);
    const t = new Fixture(server);
    const made = t.driver();
    await made.publish([t.message("one")]);
    expect((await receive(await t.consumer(made))).map(textOf)).toEqual(["one"]);
    await t.close();
    await eventually(() => sockets() <= before, { what: "the sockets to be closed" });
  });
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
}

describe("two apps on one server", () => {
  it("do not see each other if their key prefixes differ", async () => {
    const server = await startRedis();
    const one = new Fixture(server);
    const other = new Fixture(server);
    try {
      const driverOfOne = one.driver();
      await driverOfOne.publish([one.message("of one")]);
      const consumerOfOther = await other.consumer();
      const driverOfOther = other.driver();
      await driverOfOther.publish([other.message("of the other")]);
      expect((await receive(consumerOfOther)).map(textOf)).toEqual(["of the other"]);
      expect(await driverOfOther.admin.depth(one.queue)).toMatchObject({ ready: 0, inFlight: 1 });
      expect(await driverOfOne.admin.depth(one.queue)).toMatchObject({ ready: 1, inFlight: 0 });
      const keys = await one.admin.keys("*");
      expect(keys.filter((key) => !key.startsWith(one.prefix) && !key.startsWith(other.prefix))).toEqual([]);
    } finally {
      await one.close();
      await other.close();
      await server.stop();
    }
  });
});
