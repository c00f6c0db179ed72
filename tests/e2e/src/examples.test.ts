import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { Command, type Ended, run } from "./command.js";
import { packedPackages } from "./packed-packages.js";

const folderOf = (example: string) => fileURLToPath(new URL(`../../../examples/${example}`, import.meta.url));
const tsx = createRequire(import.meta.url).resolve("tsx");

describe("the examples", () => {
  let redis: RedisServer;
  let bin: string;
  let env: Readonly<Record<string, string>>;
  const commands: Command[] = [];

  beforeAll(async () => {
    // Examples use the built packages, which packing brings up to date.
    await packedPackages();
    redis = await startRedis();
    bin = await mkdtemp(join(tmpdir(), "chicory-bin-"));
    await writeRedisCli(bin);
  }, 600_000);
  afterEach(async () => {
    await Promise.all(commands.splice(0).map((command) => command.kill()));
  });
  afterAll(async () => {
    await redis?.stop();
    await rm(bin, { recursive: true, force: true });
  });

  const environment = () => ({
    CHICORY_BROKER_REDIS_URL: redis.url,
    CHICORY_BROKER_REDIS_KEY_PREFIX: `examples:${randomUUID().slice(0, 8)}`,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
  });
  /** A program of an example's, to its end. */
  const node = (example: string, ...args: readonly string[]): Promise<Ended> =>
    run(process.execPath, ["--import", tsx, ...args], { cwd: folderOf(example), env });
  const main = async (example: string): Promise<readonly string[]> => {
    env = environment();
    const ended = await node(example, "main.ts");
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    return ended.stdout.trimEnd().split("\n");
  };

  it("quickstart: what the producer sends, the command runs", async () => {
    env = environment();
    const cli = join(folderOf("quickstart"), "node_modules/@chicory/cli/dist/bin.js");
    const worker = new Command(process.execPath, [cli, "worker", "tasks:app"], { cwd: folderOf("quickstart"), env });
    commands.push(worker);
    const sent = await node("quickstart", "send.ts");
    expect(sent).toMatchObject({ code: 0, stderr: "" });
    expect(sent.stdout).toMatch(/^stored [0-9a-f-]{36} in queue emails$/m);
    await worker.writes(/^sending "Welcome" to ada@example.com$/m);
    await worker.writes(/^1 \+ 2 = 3$/m);
    await worker.writes(/^20 \+ 22 = 42$/m);
    worker.signal("SIGTERM");
    expect((await worker.ended()).code).toBe(0);
  });

  it("retries: what passes is tried again, what does not is given up", async () => {
    const lines = await main("retries");
    expect([...lines].sort()).toEqual(
      [
        "order 1: charged at attempt 1",
        "order 2: charged at attempt 3",
        "charge: attempt 1 failed (the bank did not answer), another follows",
        "charge: attempt 2 failed (the bank did not answer), another follows",
        "charge: given up, not-retryable (the card was reported stolen)",
        "poll: attempt 1 failed (the report is not ready), another follows",
        "poll: attempt 2 failed (the report is not ready), another follows",
        "sales: ready at attempt 3",
      ].sort(),
    );
  });

  it("delayed: tasks run in the order of their times, and none before its time", async () => {
    expect(await main("delayed")).toEqual([
      "2 tasks wait for their time",
      "first: at once (not before its time)",
      "second: at a given time (not before its time)",
      "third: after three seconds (not before its time)",
    ]);
  });

  it("priorities: the higher first, the order of sending among equals", async () => {
    expect(await main("priorities")).toEqual([
      "rendered front page",
      "rendered article",
      "rendered archive 1",
      "rendered archive 2",
    ]);
  });

  it("dead-letters: looked at, removed, replayed", async () => {
    const lines = await main("dead-letters");
    expect(lines.slice(0, 6).filter((line) => !line.startsWith("  "))).toEqual(
      expect.arrayContaining([
        "rejected after 1 attempts: there are no orders with negative numbers",
        "retries-exhausted after 2 attempts: the partner's system is down",
      ]),
    );
    expect(lines[6]).toBe("removed 1");
    // The replayed tasks may be done before the program says that it replayed them.
    expect([...lines.slice(7, 10)].sort()).toEqual([
      "order 1 is synchronised",
      "order 2 is synchronised",
      "replayed 2",
    ]);
    expect(lines.slice(10)).toEqual(["0 dead letters are left"]);
  });

  it("at-most-once: a killed worker's task at least once runs again, the one at most once never", async () => {
    expect(await main("at-most-once")).toEqual([
      "the worker was killed while it ran both tasks",
      "invoice, at least once: started 2 times",
      "sms, at most once: started 1 time",
      "0 tasks are left",
    ]);
  });

  it("graceful-shutdown: what ends in time ends, the rest is given back and runs elsewhere", async () => {
    expect(await main("graceful-shutdown")).toEqual([
      "short: done",
      "long: given back",
      "the first worker has stopped",
      "long: done by the second worker",
    ]);
  });

  it("redis-cli-producer: a worker runs what a shell script enqueued", async () => {
    env = environment();
    const cwd = folderOf("redis-cli-producer");
    expect(await run("sh", ["send.sh", "World"], { cwd, env })).toMatchObject({ code: 0, stderr: "" });
    const ended = await node("redis-cli-producer", "main.ts");
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(/^Hello, World! \(message by-hand-[\d-]+\)\n$/);
  });

  it("unit-testing: tests of tasks pass without a server", async () => {
    const ended = await run(process.execPath, ["--import", tsx, "--test", "tasks.test.ts"], {
      cwd: folderOf("unit-testing"),
    });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(/^. fail 0$/m);
    expect(ended.stdout).toMatch(/^. pass [1-9]/m);
  });
});

describe("the demo", () => {
  beforeAll(async () => {
    await packedPackages();
  }, 600_000);

  it("ends by itself, and everything in it happens as it must", async () => {
    const { code, stdout, stderr } = await run(process.execPath, ["run.mjs"], { cwd: folderOf("demo") });
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: "" });
    expect(stdout).toContain("Everything happened as it must.");
    expect(stdout).not.toContain("\u001b");
  });
});

/** Where the server runs in a container, its command line client may be missing: a stand-in for XADD. */
async function writeRedisCli(folder: string): Promise<void> {
  const paths = (process.env.PATH ?? "").split(delimiter);
  const found = await Promise.all(paths.map((path) => run("test", ["-x", join(path, "redis-cli")], { cwd: folder })));
  if (found.some(({ code }) => code === 0)) return;
  const ioredis = createRequire(import.meta.url).resolve("ioredis");
  const script = `#!${process.execPath}
const { Redis } = require(${JSON.stringify(ioredis)});
const [, url, ...command] = process.argv.slice(2);
const client = new Redis(url);
client.call(...command).then((reply) => { console.log(reply); client.disconnect(); });
`;
  await writeFile(join(folder, "redis-cli"), script);
  await chmod(join(folder, "redis-cli"), 0o755);
}
