import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { redisCommand } from "../test/redis-client.js";
import { eventually } from "./eventually.js";
import { type RedisServer, startRedis } from "./redis.js";
import type { RedisServerOptions } from "./redis-config.js";

const servers: RedisServer[] = [];

async function start(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await startRedis(options);
  servers.push(server);
  return server;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const saved = { ...process.env };

beforeEach(() => {
  delete process.env.CHICORY_TEST_REDIS_URL;
});

afterEach(async () => {
  process.env = { ...saved };
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

describe("startRedis", () => {
  it("resolves once the server answers", async () => {
    const server = await start();
    expect(await redisCommand(server, "PING")).toBe("+PONG");
    expect(server.url).toBe(`redis://${server.host}:${server.port}`);
  });

  it("starts several servers side by side", async () => {
    const [first, second] = await Promise.all([start(), start()]);
    await redisCommand(first, "SET key first");
    expect(await redisCommand(second, "GET key")).toBe("$-1");
  });

  it("takes a password", async () => {
    const server = await start({ password: "top secret" });
    expect(await redisCommand(server, "PING")).toMatch(/^-NOAUTH/);
    expect(await redisCommand(server, 'AUTH "top secret"')).toBe("+OK");
    expect(server.url).toContain(":top%20secret@");
  });

  it("takes users with their own rights, even without the default user", async () => {
    const server = await start({ users: ["default off", "worker on >secret ~chicory:* +ping"] });
    expect(await redisCommand(server, "AUTH worker secret")).toBe("+OK");
    expect(await redisCommand(server, "PING")).toMatch(/^-NOAUTH/);
  });

  it("takes more lines of configuration", async () => {
    const server = await start({ config: ["rename-command GET FETCH"] });
    expect(await redisCommand(server, "FETCH key")).toBe("$-1");
  });

  it("reports the end of the log when the configuration is wrong", async () => {
    await expect(start({ config: ["no-such-setting 1"] })).rejects.toThrow(/no-such-setting/);
  });

  it("serves TLS with a certificate that its authority vouches for", async () => {
    const server = await start({ tls: true });
    expect(await redisCommand(server, "PING", server.tls)).toBe("+PONG");
    expect(server.url).toMatch(/^rediss:/);
    expect(existsSync(server.tls?.caFile ?? "")).toBe(true);
  });

  it("serves TLS with certificates that a client must refuse", async () => {
    const wrongName = await start({ tls: "wrong-name" });
    await expect(redisCommand(wrongName, "PING", wrongName.tls)).rejects.toThrow(/altnames/);
    const expired = await start({ tls: "expired" });
    await expect(redisCommand(expired, "PING", expired.tls)).rejects.toThrow(/expired/);
  });
});

describe("a Redis of the test's own", () => {
  it("is gone with its folder after stop, which may be called twice", async () => {
    const server = await start({ tls: true });
    const { pid } = server;
    await server.stop();
    await server.stop();
    expect(pid === undefined || !alive(pid)).toBe(true);
    expect(existsSync(dirname(server.tls?.caFile ?? ""))).toBe(false);
    await expect(redisCommand(server, "PING")).rejects.toThrow();
  });

  it("refuses to be used after stop", async () => {
    const server = await start();
    await server.stop();
    await expect(server.restart()).rejects.toThrow(/stopped for good/);
  });

  it("drops its connections when it is killed", async () => {
    const server = await start();
    const socket = connect(server.port, server.host);
    socket.on("error", () => undefined);
    socket.write("PING\r\n");
    await once(socket, "data");
    const closed = once(socket, "close");
    await server.kill();
    await closed;
    expect(server.pid).toBeUndefined();
  });

  it("comes back on the same port after a kill, with what the append-only file holds", async () => {
    const server = await start({ appendonly: "always" });
    await redisCommand(server, "SET key value");
    const { pid } = server;
    await server.kill();
    await server.restart();
    expect(await redisCommand(server, "GET key")).toBe("value");
    if (pid !== undefined) expect(server.pid).not.toBe(pid);
  });

  it("keeps its data over an orderly restart without an append-only file", async () => {
    const server = await start();
    await redisCommand(server, "SET key value");
    await server.restart();
    expect(await redisCommand(server, "GET key")).toBe("value");
  });

  it("forgets its data when a restart is told to", async () => {
    const server = await start({ appendonly: true });
    await redisCommand(server, "SET key value");
    await server.restart({ keepData: false });
    expect(await redisCommand(server, "GET key")).toBe("$-1");
  });

  it("does not answer while it is paused, and answers what waited once it is resumed", async () => {
    const server = await start();
    await server.pause();
    let answered = false;
    const ping = redisCommand(server, "PING").finally(() => {
      answered = true;
    });
    await expect(
      eventually(() => answered, { what: "an answer from a paused server", deadlineMs: 300 }),
    ).rejects.toThrow(/in vain/);
    await server.resume();
    expect(await ping).toBe("+PONG");
  });

  it("can be stopped and restarted while it is paused", async () => {
    const server = await start();
    await server.pause();
    await server.restart();
    expect(await redisCommand(server, "PING")).toBe("+PONG");
    await server.pause();
    await server.stop();
  });
});

describe("a Redis given by URL", () => {
  beforeEach(() => {
    delete process.env.CHICORY_TEST_SERVERS;
  });

  it("is used as it is, and cannot be killed, paused or restarted", async () => {
    process.env.CHICORY_TEST_REDIS_URL = "redis://redis.test:7000";
    const server = await start();
    expect(server).toMatchObject({ source: "url", host: "redis.test", port: 7000 });
    for (const act of [server.kill(), server.pause(), server.resume(), server.restart()]) {
      await expect(act).rejects.toThrow(/Unset CHICORY_TEST_REDIS_URL/);
    }
  });

  it("is not used by a test that needs a server with options", async () => {
    process.env.CHICORY_TEST_REDIS_URL = "redis://redis.test:7000";
    const server = await start({ appendonly: true });
    expect(server.source).not.toBe("url");
  });

  it("is refused with an example when it is no URL", async () => {
    process.env.CHICORY_TEST_REDIS_URL = "localhost 6379";
    await expect(start()).rejects.toThrow(/redis:\/\/127\.0\.0\.1:6379/);
  });
});

describe("the port", () => {
  let squatter: Server | undefined;

  afterEach(() => {
    squatter?.close();
  });

  it("is reported when it cannot be taken back", async () => {
    const server = await start();
    if (server.source !== "local") return;
    await server.kill();
    squatter = createServer();
    await new Promise<void>((resolve) => squatter?.listen(server.port, "127.0.0.1", resolve));
    await expect(server.restart()).rejects.toThrow(/already in use/i);
  });
});
