import { AccessError, type BrokerDriver, ConfigError, ConnectionError, ServerError, silentLogger } from "@chicory/core";
import { eventually, freePort, type RedisSentinelGroup, startRedisSentinel } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { RedisOptions } from "../src/config.js";
import { redis } from "../src/redis.js";
import { RedisDriver } from "../src/redis-driver.js";
import { Fixture, publishOutcome, rejection } from "./fixture.js";
import { configOf } from "./redis-stage.js";
import { Traffic } from "./traffic.js";

const START_MS = 120_000;

/** Of a server that hangs; long enough for a loaded machine not to be taken for one. */
const FAILURE_MS = 3_000;

describe("the driver on a Sentinel group", () => {
  let group: RedisSentinelGroup;
  let place: RedisOptions;
  let t: Fixture;
  const opened: BrokerDriver[] = [];
  beforeAll(async () => {
    group = await startRedisSentinel({ replicas: 2, failureMs: FAILURE_MS, appendonly: true });
    place = { sentinels: [...group.addresses], sentinelName: group.name, commandTimeoutMs: 1_500, leaseMs: 3_000 };
    t = new Fixture({ host: "127.0.0.1", port: 1 });
  }, START_MS);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((made) => made.close()));
  });
  afterAll(async () => {
    await t.close();
    await group.stop();
  }, START_MS);

  const driver = (options: RedisOptions = {}): BrokerDriver => {
    const made = redis({ ...place, keyPrefix: t.prefix, ...options });
    opened.push(made);
    return made;
  };

  it("connects to the master, also if a sentinel of the list is dead", async () => {
    const made = driver({ sentinels: [`127.0.0.1:${await freePort()}`, ...group.addresses.slice(0, 1)] });
    await made.publish([t.message("here")]);
    expect(await (await group.master()).command("XLEN", t.stream())).toBe(1);
    expect(await made.admin.purge(t.queue)).toBe(1);
  });

  it("says that no sentinel knows the name", async () => {
    const error = await rejection(driver({ sentinelName: "nobody" }).connect(), ConfigError);
    expect(error.message).toMatch(/No master is called "nobody" .*check the option sentinelName/);
  });

  it("says that no sentinel can be reached", async () => {
    const error = await rejection(driver({ sentinels: ["127.0.0.1:1"] }).connect(), ConnectionError);
    expect(error.message).toContain("127.0.0.1:1: connection refused");
  });

  it("does not believe a sentinel that names a replica", async () => {
    const replica = group.servers[1];
    const master = group.servers[0];
    const made = new RedisDriver(configOf(place), silentLogger, (announced) =>
      announced.port === master?.port ? { host: announced.host, port: replica?.port ?? 0 } : announced,
    );
    opened.push(made);
    const error = await rejection(made.connect(), ServerError);
    expect(error.message).toContain("is named as master by a sentinel, and is a slave");
    expect(error.retryable).toBe(true);
  });

  // The servers that are lost stay so. A send is confirmed once every replica that is left has it: with fewer, the one
  // that lacks it could be chosen.
  it.each([
    ["killed", 2],
    ["hanging", 1],
  ] as const)(
    "goes on without help when the master is %s and a replica takes over, and loses nothing that was confirmed",
    async (fault, durabilityReplicas) => {
      const queues = ["one", "other"];
      const flow = await Traffic.start(driver({ durabilityReplicas }), driver(), queues);
      await flow.flows();
      const lost = await group.master();
      if (fault === "killed") await lost.kill();
      else await lost.pause();
      // One replica fewer is left, so that only what asks for none is confirmed.
      const plain = driver();
      for (const queue of queues) {
        const body = `${fault} ${queue}`;
        await eventually(async () => (await publishOutcome(plain, t.message(body, { queue }))).outcome === "stored", {
          what: "sends to be taken again",
          deadlineMs: 90_000,
        });
        await eventually(() => flow.received.has(body), { what: "receives to go on", deadlineMs: 60_000 });
      }
      expect(await group.master()).not.toBe(lost);
      expect(await flow.drain()).toEqual([]);
    },
    2 * START_MS,
  );
});

describe("a master that is cut off from its Sentinel group and still answers", () => {
  it(
    "is left for the new one without help, by consumers too",
    async () => {
      const group = await startRedisSentinel({ failureMs: FAILURE_MS, password: "s3cret" });
      const place: RedisOptions = {
        sentinels: [...group.addresses],
        sentinelName: group.name,
        password: "s3cret",
        leaseMs: 3_000,
      };
      const t = new Fixture({ host: "127.0.0.1", port: 1 });
      const [before, after] = [redis({ ...place, keyPrefix: t.prefix }), redis({ ...place, keyPrefix: t.prefix })];
      const flow = await Traffic.start(before, before, [t.queue]);
      try {
        await flow.flows();
        const old = await group.master();
        const mend = await group.isolate(old);
        await eventually(async () => (await group.master()) !== old, {
          what: "a replica to take over",
          deadlineMs: 60_000,
        });
        expect(String(await old.command("ROLE"))).toContain("master");
        await after.publish([t.message("at the new master")]);
        await eventually(() => flow.received.has("at the new master"), {
          what: "the consumer to leave the old master",
          deadlineMs: 60_000,
        });
        await mend();
        await group.healthy();
        await flow.flows();
      } finally {
        await flow.stop();
        await Promise.all([before.close(), after.close()]);
        await t.close();
        await group.stop();
      }
    },
    2 * START_MS,
  );
});

describe("connecting to a Sentinel group", () => {
  it(
    "works by TLS and with passwords of the servers and of the sentinels, and says which one is wrong",
    async () => {
      const group = await startRedisSentinel({ tls: true, password: "s3cret", sentinelPassword: "other" });
      const place: RedisOptions = {
        sentinels: [...group.addresses],
        sentinelName: group.name,
        tls: true,
        tlsCaFile: group.servers[0]?.tls?.caFile,
        password: "s3cret",
        sentinelPassword: "other",
      };
      const made = [redis(place), redis({ ...place, sentinelPassword: "wrong" }), redis({ ...place, password: "bad" })];
      try {
        const [right, wrong, bad] = made;
        await right?.connect();
        const refused = await rejection(wrong?.connect() ?? Promise.resolve(), AccessError);
        expect(refused.message).toContain("sentinelPassword");
        const error = await rejection(bad?.connect() ?? Promise.resolve(), AccessError);
        expect(error.message).toContain("check the options username and password");
      } finally {
        await Promise.all(made.map((each) => each.close()));
        await group.stop();
      }
    },
    START_MS,
  );
});
