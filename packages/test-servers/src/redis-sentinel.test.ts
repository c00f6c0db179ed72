import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { eventually } from "./eventually.js";
import { type RedisSentinelGroup, startRedisSentinel } from "./redis-sentinel.js";

const START_MS = 120_000;

describe("startRedisSentinel", () => {
  let group: RedisSentinelGroup;
  beforeAll(async () => {
    group = await startRedisSentinel({ password: "s3cret", sentinelPassword: "other" });
  }, START_MS);
  afterAll(async () => {
    await group.stop();
  });

  it("watches a master that takes writes, and a replica that does not", async () => {
    const master = await group.master();
    expect(master).toBe(group.servers[0]);
    expect(await master.command("SET", "key", "value")).toBe("OK");
    await expect(group.servers[1]?.command("SET", "key", "value")).rejects.toThrow(/READONLY/);
    expect(group.addresses).toHaveLength(3);
  });

  it(
    "makes the replica the master when that hangs",
    async () => {
      const [master, replica] = group.servers;
      await master?.pause();
      await eventually(async () => (await group.master()) === replica, {
        what: "the replica to take over",
        deadlineMs: 60_000,
      });
      await eventually(async () => (await replica?.command("SET", "key", "value")) === "OK");
      await master?.resume();
    },
    START_MS,
  );
});
