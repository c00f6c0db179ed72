import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "./eventually.js";
import { type RedisCluster, startRedisCluster } from "./redis-cluster.js";

const START_MS = 120_000;

/** Of the key "a". */
const SLOT = 15_495;

describe("startRedisCluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, START_MS);
  afterAll(async () => {
    await cluster.stop();
  });

  it("serves every slot by three masters, each with a replica", async () => {
    const masters = new Set([await cluster.masterOf(0), await cluster.masterOf(8_000), await cluster.masterOf(16_383)]);
    expect([...masters]).toEqual(cluster.nodes.slice(0, 3));
    expect(await cluster.replicasOf(cluster.nodes[1]!)).toEqual([cluster.nodes[4]]);
    expect(await cluster.slotOf("x{a}y")).toBe(SLOT);
    expect(await (await cluster.masterOf(SLOT)).command("SET", "a", "1")).toBe("OK");
  });

  it("moves a slot with its keys while both masters know of it", async () => {
    const [to, , from] = cluster.nodes;
    await from?.command("SET", "a", "moved");
    await cluster.beginMigration(SLOT, to!);
    expect(await from?.command("GET", "a")).toBe("moved");
    await expect(from?.command("GET", "{a}missing")).rejects.toThrow(`ASK ${SLOT} 127.0.0.1:${to?.port}`);
    await cluster.finishMigration(SLOT, to!);
    expect(await to?.command("GET", "a")).toBe("moved");
    await expect(from?.command("GET", "a")).rejects.toThrow(`MOVED ${SLOT} 127.0.0.1:${to?.port}`);
    expect(await cluster.masterOf(SLOT)).toBe(to);
  });

  it(
    "survives the loss of a master, and is well again when that is back",
    async () => {
      const [lost, , , replica] = cluster.nodes;
      await lost?.kill();
      await eventually(async () => (await cluster.masterOf(0)) === replica, { what: "the replica to take over" });
      await lost?.restart();
      await cluster.healthy();
      expect(await cluster.replicasOf(replica!)).toEqual([lost]);
    },
    START_MS,
  );

  it("refuses with advice where only containers may be used", async () => {
    const saved = process.env.CHICORY_TEST_SERVERS;
    process.env.CHICORY_TEST_SERVERS = "docker";
    try {
      await expect(startRedisCluster()).rejects.toThrow(/A Redis cluster needs the server as a local program/);
    } finally {
      if (saved === undefined) delete process.env.CHICORY_TEST_SERVERS;
      else process.env.CHICORY_TEST_SERVERS = saved;
    }
  });
});
