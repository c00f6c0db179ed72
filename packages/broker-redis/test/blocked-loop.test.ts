import type { Consumer, Delivery } from "@chicory/core";
import { eventually, type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { RedisOptions } from "../src/config.js";
import { BlockingProcess, buildBlockingProcess } from "./blocking-process.js";
import { ack, Fixture, textOf } from "./fixture.js";

const LEASE_MS = 2_500;
/** Takes another worker less than two leases to notice. */
const BLOCK_MS = 3 * LEASE_MS;

/** As the documentation tells operators to grant them. */
const RIGHTS =
  "~test-* resetchannels -@all +@connection +@stream +@sortedset +@hash +@string +@set +eval +evalsha +time +exists +unlink +info";

describe("a process whose event loop is blocked", () => {
  let server: RedisServer;
  let t: Fixture;
  let broker: RedisOptions;
  let over: AbortController;
  let started: BlockingProcess[] = [];

  beforeAll(async () => {
    await buildBlockingProcess();
    server = await startRedis({ tls: true, users: [`worker on >s3cret ${RIGHTS}`] });
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    const login = { username: "worker", password: "s3cret" };
    const place = { host: server.host, port: server.port, tls: true, tlsCaFile: server.tls?.caFile };
    broker = { ...place, ...login, leaseMs: LEASE_MS };
    t = new Fixture(server, broker);
    over = new AbortController();
  });
  afterEach(async () => {
    over.abort();
    await Promise.all(started.map((process) => process.kill()));
    started = [];
    await t.close();
  });

  function start(options: { leaseThread?: boolean; longestTaskMs?: number; blockMs?: number } = {}): BlockingProcess {
    const { leaseThread = true, longestTaskMs = 60_000, blockMs = BLOCK_MS } = options;
    const queue = leaseThread ? t.queue : "threadless";
    const config = { ...broker, keyPrefix: t.prefix, leaseThread };
    const process = new BlockingProcess({ broker: config, queue, longestTaskMs, blockMs });
    started.push(process);
    return process;
  }

  /** A worker that waits for what is taken over; `taken` grows. */
  async function bystander(queue: string): Promise<{ readonly consumer: Consumer; readonly taken: Delivery[] }> {
    const consumer = await t.driver().consume(queue, { worker: "bystander", credits: 10 });
    const taken: Delivery[] = [];
    void (async () => {
      while (!over.signal.aborted) taken.push(...(await consumer.receive(10, over.signal)));
    })();
    return { consumer, taken };
  }

  it("keeps what it runs by its thread, and loses it without", async () => {
    const withThread = start();
    const without = start({ leaseThread: false });
    await Promise.all([withThread.said("ready"), without.said("ready")]);
    await t.driver().publish([t.message("kept"), t.message("lost", { queue: "threadless" })]);
    await Promise.all([withThread.said("run kept"), without.said("run lost")]);
    const [idle, busy] = await Promise.all([bystander(t.queue), bystander("threadless")]);

    await eventually(() => busy.taken.length === 1);
    expect(busy.taken.map(textOf)).toEqual(["lost"]);
    await without.said("too late");
    expect(await ack(busy.consumer, busy.taken)).toEqual([]);
    await withThread.said("settled");
    await withThread.said("log Leases were renewed from a thread");
    expect(idle.taken).toEqual([]);
    expect(withThread.lines).not.toContain("lost 1");

    expect(await Promise.all([withThread.stop(), without.stop()])).toEqual([0, 0]);
    expect(withThread.lines.at(-1)).toBe("closed");
  });

  it("loses what it runs once it is silent for longer than any task may take", async () => {
    const hung = start({ longestTaskMs: 1_000, blockMs: 3_600_000 });
    await hung.said("ready");
    await t.driver().publish([t.message("stuck")]);
    await hung.said("run stuck");
    const { consumer, taken } = await bystander(t.queue);
    await eventually(() => taken.length === 1);
    expect(taken.map(textOf)).toEqual(["stuck"]);
    expect(await ack(consumer, taken)).toEqual([]);
  });
});
