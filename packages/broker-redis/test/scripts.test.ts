import { type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Command } from "ioredis";
import { hashSlot } from "../src/cluster/hash-slot.js";
import { fromCommand } from "../src/errors.js";
import { GROUP } from "../src/keys.js";
import { appendBodies } from "../src/scripts/append.js";
import { claimEntries } from "../src/scripts/claim.js";
import { countQueue } from "../src/scripts/depth.js";
import { dropAllLetters } from "../src/scripts/drop-letters.js";
import { removeConsumers } from "../src/scripts/leave.js";
import { ensureQueue } from "../src/scripts/open-queue.js";
import { publishMessages, type ScriptMessage } from "../src/scripts/publish.js";
import { purgeSome } from "../src/scripts/purge.js";
import { renewLeases } from "../src/scripts/renew.js";
import { replayLetters } from "../src/scripts/replay.js";
import type { Argument, CommandChannel } from "../src/scripts/script.js";
import { runStep } from "../src/scripts/step.js";
import { Fixture, receive } from "./fixture.js";

describe("the scripts", () => {
  let server: RedisServer;
  let t: Fixture;
  let sent: Argument[][];
  let channel: CommandChannel;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    t = new Fixture(server);
    sent = [];
    channel = {
      command: async (name, args) => {
        sent.push(args);
        try {
          return await t.admin.sendCommand(new Command(name, args, { replyEncoding: null }));
        } catch (error) {
          throw fromCommand(error, "the test's server", false);
        }
      },
    };
  });
  afterEach(async () => {
    await t.close();
  });

  const plain = (body: string): ScriptMessage => ({
    priority: 0,
    dueAt: undefined,
    member: "",
    dedupe: undefined,
    body,
  });
  const step = (consumer: string, fetch: number) =>
    runStep(channel, { keys: t.keys, consumer, fetch, used: "", levels: "0", marker: "", settlements: [0] });

  async function fetchedBy(consumer: string, count: number): Promise<string[]> {
    await ensureQueue(channel, t.keys, consumer);
    await appendBodies(
      channel,
      t.stream(),
      Array.from({ length: count }, (_, index) => `m${index}`),
    );
    const result = await step(consumer, count);
    return result.kind === "done" ? result.entries.map(({ id }) => id) : [];
  }

  it("touch keys of one slot alone", async () => {
    const dedupe = { key: `${t.prefix}:dedupe:{${t.queue}}:x`, ms: 1_000 };
    const [id = ""] = await fetchedBy("one", 1);
    await publishMessages(channel, t.keys, 10, [{ ...plain("x"), dedupe, priority: 5 }]);
    await renewLeases(channel, t.stream(), "one", [id]);
    const request = { consumer: "two", minIdleMs: 0, countOwn: false, entries: [{ id, owner: "one" }] };
    await claimEntries(channel, t.stream(), request);
    await countQueue(channel, t.keys);
    await replayLetters(channel, t.keys, [{ letterId: "1-1", message: plain("x") }]);
    await purgeSome(channel, t.keys);
    await dropAllLetters(channel, t.keys);
    await removeConsumers(channel, t.keys, "50", ["one", "two"]);
    const keys = sent.flatMap(([, count, ...rest]) => rest.slice(0, Number(count)).map(String));
    expect(sent.length).toBeGreaterThanOrEqual(11);
    expect(new Set(keys.map(hashSlot))).toEqual(new Set([hashSlot(t.queue)]));
  });

  it("hand out bodies as they are, few and many, small and large", async () => {
    await ensureQueue(channel, t.keys, "one");
    for (const lengths of [
      [0, 1, 31, 32, 255, 256],
      Array.from({ length: 200 }, (_, n) => n),
      [30_000, 0, 65_536, 1],
    ]) {
      const bodies = lengths.map((length) => Buffer.alloc(length, 0xfe));
      await appendBodies(channel, t.stream(), bodies);
      const result = await step("one", bodies.length);
      expect(result).toMatchObject({ kind: "done", readError: "" });
      const entries = result.kind === "done" ? result.entries : [];
      expect(entries.map(({ content }) => content)).toEqual(bodies);
      const range = await t.admin.xrevrange(t.stream(), "+", "-", "COUNT", bodies.length);
      expect(entries.map(({ id }) => id)).toEqual(range.map(([id]) => id).reverse());
    }
  });

  it("hand out all fields of entries without a body, small and large", async () => {
    await ensureQueue(channel, t.keys, "one");
    for (const value of ["x", "x".repeat(40_000)]) {
      await t.admin.xadd(t.stream(), "*", "a", value, "b", "2");
      const result = await step("one", 1);
      const [entry] = result.kind === "done" ? result.entries : [];
      expect(Array.from(entry?.content as Buffer[], String)).toEqual(["a", value, "b", "2"]);
    }
  });

  it("open a queue without taking a message or counting a hand-out", async () => {
    const driver = t.driver();
    await driver.publish(t.batch(2));
    const consumer = await t.consumer(driver);
    expect(await driver.admin.depth(t.queue)).toMatchObject({ ready: 2, inFlight: 0 });
    await receive(consumer);
    for (let round = 0; round < 3; round++) await ensureQueue(channel, t.keys, "another");
    const [pending] = (await t.admin.xpending(t.stream(), GROUP, "-", "+", 10)) as [string, string, number, number][];
    const owner = pending?.[1] ?? "";
    await ensureQueue(channel, t.keys, owner);
    expect(await t.admin.xpending(t.stream(), GROUP, "-", "+", 10)).toEqual([
      [expect.anything(), owner, expect.anything(), 1],
    ]);
  });

  it("renew only what the consumer still owns, and count nothing", async () => {
    const [own = "", lost = "", settled = ""] = await fetchedBy("one", 3);
    await t.admin.xclaim(t.stream(), GROUP, "two", 0, lost);
    await t.admin.xack(t.stream(), GROUP, settled);
    expect(await renewLeases(channel, t.stream(), "one", [own, lost, settled])).toEqual([lost, settled]);
    const pending = await t.admin.xpending(t.stream(), GROUP, "-", "+", 10);
    expect(pending).toEqual([
      [own, "one", expect.anything(), 1],
      [lost, "two", expect.anything(), 2],
    ]);
  });

  it("take over only what is idle and still with the owner that was seen", async () => {
    const [first = "", second = "", third = "", fourth = ""] = await fetchedBy("dead", 4);
    await t.admin.xclaim(t.stream(), GROUP, "dead", 0, first, second, fourth, "IDLE", 60_000, "JUSTID");
    await t.admin.xclaim(t.stream(), GROUP, "other", 0, second, "IDLE", 60_000, "JUSTID");
    await t.admin.xdel(t.stream(), fourth);
    const entries = [first, second, third, fourth].map((id) => ({ id, owner: "dead" }));
    const claimed = await claimEntries(channel, t.stream(), {
      consumer: "me",
      minIdleMs: 30_000,
      countOwn: false,
      entries,
    });
    expect(claimed).toEqual([{ id: first, deliveryCount: 2, fields: [Buffer.from("m"), Buffer.from("m0")] }]);
    const pending = (await t.admin.xpending(t.stream(), GROUP, "-", "+", 10)) as [string, string][];
    expect(pending.map(([id, owner]) => [id, owner])).toEqual([
      [first, "me"],
      [second, "other"],
      [third, "dead"],
    ]);
  });

  it("delete a consumer only when nothing is pending for it in any stream", async () => {
    await fetchedBy("busy", 1);
    await ensureQueue(channel, t.keys, "idle");
    await ensureQueue(channel, t.keys, "urgent");
    await publishMessages(channel, t.keys, 0, [{ ...plain("x"), priority: 9 }]);
    await ensureQueue(channel, t.keys, "urgent");
    await t.admin.xreadgroup("GROUP", GROUP, "urgent", "COUNT", 1, "STREAMS", t.stream(9), ">");
    expect(await removeConsumers(channel, t.keys, "90", ["busy", "idle", "urgent"])).toBe(1);
    const names = ((await t.admin.xinfo("CONSUMERS", t.stream(), GROUP)) as string[][]).map(([, name]) => name);
    expect(names.sort()).toEqual(["busy", "urgent"]);
    expect((await countQueue(channel, t.keys)).inFlight).toBe(2);
  });

  it("purge more than one call takes, beside deliveries in flight", async () => {
    const driver = t.driver();
    await fetchedBy("holder", 2);
    await driver.publish(t.batch(2_500));
    const later = Date.now() + 3_600_000;
    await driver.publish(Array.from({ length: 2_500 }, (_, index) => t.message(`d${index}`, { notBefore: later })));
    expect(await driver.admin.purge(t.queue)).toBe(5_000);
    expect(await driver.admin.depth(t.queue)).toMatchObject({ ready: 0, delayed: 0, inFlight: 2 });
    expect(await t.admin.exists(t.keys.bodies)).toBe(0);
  });

  it("store every message of a batch that can be stored, and name the others", async () => {
    await t.admin.set(t.stream(5), "not a stream");
    const refused = await publishMessages(channel, t.keys, 0, [
      plain("first"),
      { ...plain("urgent"), priority: 5 },
      plain("last"),
    ]);
    expect(refused).toEqual([{ index: 1, text: expect.stringContaining("WRONGTYPE") }]);
    expect((await t.admin.xrange(t.stream(), "-", "+")).map(([, fields]) => fields[1])).toEqual(["first", "last"]);
  });
});
