import { type BrokerDriver, ConfigError, ConnectionError } from "@chicory/core";
import { eventually, freePort, startRedis, startRedisCluster } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { hashSlot } from "../src/cluster/hash-slot.js";
import type { RedisOptions } from "../src/config.js";
import { redis } from "../src/redis.js";
import { ack, Fixture, publishOutcome, receive, rejection, textOf } from "./fixture.js";
import { clusterStage } from "./redis-stage.js";
import { Traffic } from "./traffic.js";

const START_MS = 120_000;

/** Of a server that hangs; long enough for a loaded machine not to be taken for one. */
const FAILURE_MS = 3_000;

/** Two queues on each of the three masters. */
const QUEUES = ["a", "b", "c", "d", "f", "j"];

describe("the driver on a cluster", () => {
  let stage: Awaited<ReturnType<typeof clusterStage>>;
  let t: Fixture;
  let running: Traffic | undefined;
  beforeAll(async () => {
    stage = await clusterStage({ failureMs: FAILURE_MS });
  }, START_MS);
  beforeEach(() => {
    t = new Fixture({ host: "127.0.0.1", port: 1 });
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await t.close();
  });
  afterAll(async () => {
    await stage.stop();
  }, START_MS);

  const driver = (options: RedisOptions = {}): BrokerDriver =>
    t.driverAt({ ...stage.place, commandTimeoutMs: 1_500, leaseMs: 3_000, ...options });

  async function traffic(queues: readonly string[] = QUEUES): Promise<Traffic> {
    running = await Traffic.start(driver({ durabilityReplicas: 1 }), driver(), queues);
    await running.flows();
    return running;
  }

  it("spreads queues over the masters, and lists them all", async () => {
    const made = driver();
    await made.publish(QUEUES.map((queue) => t.message(queue, { queue })));
    const owners = await Promise.all(QUEUES.map((queue) => stage.cluster.masterOf(hashSlot(queue))));
    expect(new Set(owners).size).toBe(3);
    for (const [index, queue] of QUEUES.entries()) {
      expect(await owners[index]?.command("EXISTS", `${t.prefix}:stream:{${queue}}`)).toBe(1);
    }
    await eventually(async () => (await made.admin.queues()).length === QUEUES.length);
    for (const queue of QUEUES) expect(await made.admin.purge(queue)).toBe(1);
  });

  it("finds the masters by a replica, and by a list with a dead entry", async () => {
    const replica = stage.cluster.addresses[4] ?? "";
    const dead = `127.0.0.1:${await freePort()}`;
    for (const cluster of [[replica], [dead, replica]]) {
      const made = driver({ cluster });
      await made.publish(QUEUES.map((queue) => t.message("found", { queue })));
      for (const queue of QUEUES) expect(await made.admin.purge(queue)).toBe(1);
    }
  });

  it("uses one connection to each master, and one for each queue that waits", async () => {
    const made = driver();
    const consumers = await Promise.all(QUEUES.map((queue) => made.consume(queue, { worker: "w", credits: 1 })));
    const receiving = consumers.map((consumer) => receive(consumer));
    const clients = async () => {
      const lists = await Promise.all(stage.cluster.nodes.map((node) => node.command("CLIENT", "LIST")));
      return lists.join("\n").split("\n");
    };
    await eventually(async () => (await clients()).filter((line) => line.includes("cmd=xreadgroup")).length === 6);
    const names = (await clients()).map((line) => /name=chicory:(\w+)/.exec(line)?.[1]);
    expect(names.filter((name) => name === "commands").length).toBe(3);
    await made.publish(QUEUES.map((queue) => t.message(queue, { queue })));
    for (const [index, received] of (await Promise.all(receiving)).entries()) {
      expect(received.map(textOf)).toEqual([QUEUES[index]]);
      const consumer = consumers[index];
      if (consumer) expect(await ack(consumer, received)).toEqual([]);
    }
    await made.close();
  });

  it(
    "follows a slot that moves under load, and loses nothing",
    async () => {
      const queue = "moving";
      const flow = await traffic([queue, "staying"]);
      const slot = hashSlot(queue);
      const from = await stage.cluster.masterOf(slot);
      const to = stage.cluster.nodes.slice(0, 3).find((node) => node !== from);
      if (to === undefined) throw new Error("there are three masters");
      for (const [there, back] of [
        [to, from],
        [from, to],
      ] as const) {
        await stage.cluster.beginMigration(slot, there);
        const before = flow.received.size;
        // Meanwhile the other queue goes on.
        await eventually(() => flow.received.size > before + 5);
        await stage.cluster.finishMigration(slot, there);
        await flow.flows();
        expect(await there.command("EXISTS", `${t.prefix}:stream:{${queue}}`)).toBe(1);
        await expect(back.command("EXISTS", `${t.prefix}:stream:{${queue}}`)).rejects.toThrow(/^MOVED/);
      }
      expect(await flow.drain()).toEqual([]);
      expect(flow.failures).toEqual({ rejected: 0, unknown: 0 });
    },
    START_MS,
  );

  it.each(["killed", "hanging"] as const)(
    "goes on without help when a master is %s and its replica takes over, and loses nothing that was confirmed",
    async (fault) => {
      const flow = await traffic();
      const slot = hashSlot(QUEUES[0] ?? "");
      const lost = await stage.cluster.masterOf(slot);
      if (fault === "killed") await lost.kill();
      else await lost.pause();
      // The new master has no replica yet, so that only what asks for none is confirmed.
      const plain = driver();
      for (const queue of QUEUES) {
        const body = `${fault} ${queue}`;
        await eventually(async () => (await publishOutcome(plain, t.message(body, { queue }))).outcome === "stored", {
          what: "sends to be taken again",
          deadlineMs: 60_000,
        });
        await eventually(() => flow.received.has(body), { what: "receives to go on", deadlineMs: 60_000 });
      }
      await eventually(async () => (await stage.cluster.masterOf(slot)) !== lost, {
        what: "the nodes to name another master",
        deadlineMs: 60_000,
      });
      if (fault === "killed") await lost.restart();
      else await lost.resume();
      await stage.cluster.healthy();
      await flow.flows();
      expect(await flow.drain()).toEqual([]);
    },
    START_MS,
  );
});

describe("connecting to a cluster", () => {
  const opened: BrokerDriver[] = [];
  const driver = (options: RedisOptions): BrokerDriver => {
    const made = redis(options);
    opened.push(made);
    return made;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((made) => made.close()));
  });

  it("says that no node can be reached, and why", async () => {
    const cluster = ["127.0.0.1:1", "no-such-host.invalid:7000"];
    const error = await rejection(driver({ cluster }).connect(), ConnectionError);
    expect(error.message).toMatch(/Cannot connect to Redis at .*(refused|resolved)/);
  });

  it("says that a server belongs to no cluster", async () => {
    const server = await startRedis({ ownServer: true });
    try {
      const error = await rejection(driver({ cluster: [`${server.host}:${server.port}`] }).connect(), ConfigError);
      expect(error.message).toContain("belongs to no cluster");
    } finally {
      await server.stop();
    }
  });

  it(
    "works by TLS and with a password",
    async () => {
      const secured = await startRedisCluster({ tls: true, password: "s3cret" });
      try {
        const tlsCaFile = secured.nodes[0]?.tls?.caFile ?? "";
        const made = driver({ cluster: [...secured.addresses], tls: true, tlsCaFile, password: "s3cret" });
        const t = new Fixture({ host: "127.0.0.1", port: 1 });
        await made.publish(QUEUES.map((queue) => t.message("by TLS", { queue })));
        for (const queue of QUEUES) expect(await made.admin.depth(queue)).toMatchObject({ ready: 1 });
      } finally {
        await secured.stop();
      }
    },
    START_MS,
  );
});
