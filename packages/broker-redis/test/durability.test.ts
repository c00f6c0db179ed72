import { ConfigError, type Consumer, DeliveryMode, PublishError, SettlementError } from "@chicory/core";
import { eventually, type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { RedisOptions } from "../src/config.js";
import { ack, Fixture, publishOutcome, receive, rejection, textOf } from "./fixture.js";

/** Wait for a replica that is there, on a machine that may be loaded, and for one that is not. In milliseconds. */
const PATIENT_MS = 20_000;
const BRIEF_MS = 300;

const patient = { durabilityReplicas: 1, durabilityTimeoutMs: PATIENT_MS, commandTimeoutMs: 2 * PATIENT_MS };
const brief = { durabilityReplicas: 1, durabilityTimeoutMs: BRIEF_MS, commandTimeoutMs: 2 * PATIENT_MS };

describe("durability by a replica", () => {
  let server: RedisServer;
  let replica: RedisServer;
  let t: Fixture;
  let onReplica: Fixture;
  beforeAll(async () => {
    server = await startRedis({ config: ["repl-diskless-sync-delay 0", "repl-ping-replica-period 1"] });
    replica = await startRedis({ config: [`replicaof ${server.host} ${server.port}`] });
  });
  afterAll(async () => {
    await replica.stop();
    await server.stop();
  });
  beforeEach(async () => {
    t = new Fixture(server, patient);
    onReplica = new Fixture(replica);
    await eventually(async () => /slave0:.*state=online/.test(await t.admin.info("replication")));
  });
  afterEach(async () => {
    await replica.resume();
    await t.close();
    await onReplica.close();
  });

  async function held(
    mode: DeliveryMode,
    options: RedisOptions = {},
  ): Promise<{ consumer: Consumer; settle: (before: boolean) => Promise<unknown> }> {
    const driver = t.driver(options);
    const consumer = await t.consumer(driver);
    await driver.publish([t.message("held", { mode })]);
    const [delivery] = await receive(consumer);
    if (delivery === undefined) throw new Error("one was received");
    const settle = (before: boolean) =>
      consumer.settle([{ kind: "ack", delivery, ...(before ? { beforeRun: true as const } : {}) }]);
    return { consumer, settle };
  }

  it("confirms a send once the replica has it, whatever kind of message it is", async () => {
    const driver = t.driver();
    await driver.publish([t.message("plain")]);
    expect(await onReplica.admin.xlen(t.stream())).toBe(1);
    await driver.publish([...t.batch(3), t.message("later", { notBefore: Date.now() + 3_600_000 })]);
    expect(await onReplica.admin.xlen(t.stream())).toBe(4);
    expect(await onReplica.admin.zcard(t.keys.delayed)).toBe(1);
  });

  it("reports a send as unknown when the replica does not confirm it in time, and recovers", async () => {
    const driver = t.driver(brief);
    await driver.connect();
    await replica.pause();
    const { outcome, cause } = await publishOutcome(driver, t.message("alone"));
    expect(outcome).toBe("unknown");
    expect(cause?.message).toContain("0 of 1 replicas confirmed it");
    expect(await t.admin.xlen(t.stream())).toBe(1);
    await replica.resume();
    await eventually(async () => (await publishOutcome(driver, t.message("both"))).outcome === "stored");
    expect(await onReplica.admin.xlen(t.stream())).toBe(await t.admin.xlen(t.stream()));
  });

  it("does not take the repetition of an unconfirmed send for confirmed", async () => {
    const message = t.message("once", { dedupeMs: 600_000 });
    await replica.pause();
    expect((await publishOutcome(t.driver(brief), message)).outcome).toBe("unknown");
    // On a connection that has written nothing of its own yet.
    expect((await publishOutcome(t.driver(brief), message)).outcome).toBe("unknown");
    await replica.resume();
    expect((await publishOutcome(t.driver(), message)).outcome).toBe("stored");
    expect(await onReplica.admin.xlen(t.stream())).toBe(1);
  });

  it("names every message of a batch that was not confirmed", async () => {
    const driver = t.driver(brief);
    await driver.connect();
    await replica.pause();
    const batch = t.batch(3);
    const error = await rejection(driver.publish(batch), PublishError);
    expect(error.failures.map(({ message }) => message)).toEqual(batch);
    expect(new Set(error.failures.map(({ outcome }) => outcome))).toEqual(new Set(["unknown"]));
  });

  it("lets nobody run a task at most once whose ack the replica does not have", async () => {
    const { settle } = await held(DeliveryMode.AT_MOST_ONCE, { durabilityTimeoutMs: 3_000 });
    await replica.pause();
    const error = await rejection(settle(true), SettlementError);
    expect(error.failed).toHaveLength(1);
    await replica.resume();
  });

  it("settles an ack before a run once the replica has it, and tells of one that was lost", async () => {
    const { settle } = await held(DeliveryMode.AT_MOST_ONCE);
    expect(await settle(true)).toEqual({ lost: [] });
    expect(await onReplica.admin.xlen(t.stream())).toBe(0);
    const { consumer } = await held(DeliveryMode.AT_MOST_ONCE);
    await t.driver().publish([t.message("gone")]);
    const [gone] = await receive(consumer);
    await t.admin.del(t.stream());
    if (gone === undefined) throw new Error("one was received");
    expect(await consumer.settle([{ kind: "ack", delivery: gone, beforeRun: true }])).toEqual({ lost: [gone] });
  });

  it("holds up neither receives nor other settlements while the replica is gone", async () => {
    const { consumer, settle } = await held(DeliveryMode.AT_LEAST_ONCE);
    const others = t.driver({ durabilityReplicas: 0 });
    await replica.pause();
    const waiting = publishOutcome(t.driver(), t.message("w"));
    await others.publish([t.message("goes on")]);
    const received = await receive(consumer, 1);
    expect(await settle(false)).toEqual({ lost: [] });
    expect(await ack(consumer, received)).toEqual([]);
    await replica.resume();
    expect((await waiting).outcome).toBe("stored");
    expect(received.map(textOf)).toHaveLength(1);
  });
});

describe("durability by disk", () => {
  it("is confirmed where the server can, and refused with advice where it cannot", async () => {
    const server = await startRedis({ appendonly: true });
    const t = new Fixture(server, { durabilityFsync: true });
    const bare = await startRedis({ ownServer: true });
    const b = new Fixture(bare, { durabilityFsync: true });
    try {
      const able = /redis_version:(7\.[2-9]|[89]|\d\d)/.test(await t.admin.info("server"));
      const outcomes = [
        await publishOutcome(t.driver(), t.message("here")),
        await publishOutcome(b.driver(), b.message("x")),
      ];
      expect(outcomes.map(({ outcome }) => outcome)).toEqual([able ? "stored" : "rejected", "rejected"]);
      expect(outcomes[1]?.cause).toBeInstanceOf(ConfigError);
      expect(outcomes[1]?.cause?.message).toContain("durabilityFsync needs WAITAOF");
    } finally {
      await Promise.all([t.close(), b.close()]);
      await Promise.all([server.stop(), bare.stop()]);
    }
  });
});
