import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { TASKS } from "./fixture-app.js";
import { Project } from "./project.js";

// Every command is a process, and a loaded machine starts them slowly.
jest.setTimeout(180_000);

let redis: RedisServer;
let project: Project;

beforeAll(async () => {
  [redis, project] = await Promise.all([startRedis({ password: "pa55word" }), Project.create({ "tasks.ts": TASKS })]);
});
afterAll(async () => {
  await project?.remove();
  await redis?.stop();
});

/** A namespace of the test's own on the server. */
function environment(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    CHICORY_BROKER: "redis",
    CHICORY_BROKER_REDIS_HOST: redis.host,
    CHICORY_BROKER_REDIS_PORT: String(redis.port),
    CHICORY_BROKER_REDIS_PASSWORD: "pa55word",
    CHICORY_BROKER_REDIS_KEY_PREFIX: `t-${randomUUID()}`,
    ...more,
  };
}

async function send(env: Readonly<Record<string, string>>, task: string, input?: unknown): Promise<void> {
  const args = input === undefined ? [] : ["--input", JSON.stringify(input)];
  const { code, stderr } = await project.run(["send", "tasks:app", task, ...args], { env });
  if (code !== 0) throw new Error(stderr);
}

describe("chicory worker", () => {
  it("runs a task that another process sent, and ends with 0 at SIGTERM", async () => {
    const env = environment();
    const worker = project.start(["worker", "tasks:app", "--concurrency", "4"], env);
    await worker.says(/Ready/);
    await send(env, "add", { a: 2, b: 3 });
    await worker.says(/^ADDED 5 in add$/m);
    worker.kill("SIGTERM");
    expect(await worker.ended).toMatchObject({ code: 0, stdout: "ADDED 5 in add\n" });
    expect(worker.stderr).toMatch(/Ready: .* broker=redis queues="?math=4"? tasks=5/);
    expect(worker.stderr).not.toContain("pa55word");
  });

  it("lets a running task end at the first signal", async () => {
    const env = environment();
    const worker = project.start(["worker", "tasks:app"], env);
    await send(env, "slow", 1_000);
    await worker.says(/SLOW \d+ begins/);
    worker.kill("SIGINT");
    expect((await worker.ended).code).toBe(0);
    expect(worker.stdout).toMatch(/begins\nSLOW \d+ ends\n$/);
  });

  it("aborts a running task and ends with 1 at the second signal", async () => {
    const env = environment();
    const worker = project.start(["worker", "tasks:app", "--shutdown-timeout", "600000"], env);
    await send(env, "slow", 600_000);
    await worker.says(/SLOW \d+ begins/);
    worker.kill("SIGTERM");
    await worker.says(/asked to stop/);
    worker.kill("SIGTERM");
    expect((await worker.ended).code).toBe(1);
    expect(worker.stdout).toMatch(/aborted\n$/);
  });

  it("ends with 1 after a promise was rejected that nobody handles", async () => {
    const env = environment();
    await send(env, "reject");
    const worker = project.start(["worker", "tasks:app"], env);
    expect((await worker.ended).code).toBe(1);
    expect(worker.stderr).toMatch(/A promise was rejected that nobody handles/);
  });

  it("lets a flag win over the environment, and the environment over .env", async () => {
    await project.write({ ".env": "CHICORY_WORKER_CONCURRENCY=3\nCHICORY_WORKER_QUEUE=a,b=9\n" });
    const env = environment({ CHICORY_WORKER_CONCURRENCY: "5" });
    const byEnvironment = project.start(["worker", "tasks:app"], env);
    await byEnvironment.says(/queues="a=5 b=9"/);
    const byFlag = project.start(["worker", "tasks:app", "--concurrency", "7", "--queue", "c", "--queue", "d=2"], env);
    await byFlag.says(/queues="c=7 d=2"/);
    await project.write({ ".env": "" });
  });

  it("writes lines of JSON when asked to", async () => {
    const worker = project.start(["worker", "tasks:app", "--log-format", "json"], environment());
    await worker.says(/Ready/);
    worker.kill("SIGTERM");
    const { stderr } = await worker.ended;
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "info", broker: "redis", queues: "math=32", tasks: 5 }),
    );
  });

  it("is silent when asked to", async () => {
    const env = environment();
    const worker = project.start(["worker", "tasks:app", "--log-level", "silent"], env);
    await send(env, "add", { a: 1, b: 1 });
    await worker.says(/ADDED 2/);
    worker.kill("SIGTERM");
    expect(await worker.ended).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("chicory worker in a project whose package.json says commonjs", () => {
  it("shares one copy of core with the app's TypeScript", async () => {
    const env = environment();
    await project.write({ "cjs/package.json": "{}", "cjs/tasks.ts": TASKS });
    const worker = project.start(["worker", "cjs/tasks:app"], env);
    await send(env, "add", { a: 1, b: 2 });
    await worker.says(/^ADDED 3 in add$/m);
  });
});

describe("chicory worker that cannot start", () => {
  it("ends with 3 and one sentence when the broker is down", async () => {
    const env = environment({ CHICORY_BROKER_REDIS_PORT: "1" });
    const { code, stdout, stderr } = await project.run(["worker", "tasks:app"], { env });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^Cannot connect to Redis at 127\.0\.0\.1:1: .*\n$/);
  });

  it("ends with 3 when the broker accepts the connection and says nothing", async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      const { code, stderr } = await project.run(["worker", "tasks:app"], {
        env: environment({ CHICORY_BROKER_REDIS_PORT: String(port) }),
      });
      expect(code).toBe(3);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    } finally {
      server.close();
    }
  });

  it("ends with 3 at a wrong password, and shows neither that nor the right one", async () => {
    const env = environment({ CHICORY_BROKER_REDIS_PASSWORD: "wr0ng-secret" });
    const { code, stderr } = await project.run(["worker", "tasks:app"], { env });
    expect(code).toBe(3);
    expect(stderr).toMatch(/password/i);
    expect(stderr).not.toMatch(/wr0ng-secret|pa55word|\n\s+at /);
  });

  it("ends with 2 at a value of the environment that is not acceptable", async () => {
    const env = environment({ CHICORY_WORKER_CONCURRENCY: "many" });
    const { code, stderr } = await project.run(["worker", "tasks:app"], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^The environment variable CHICORY_WORKER_CONCURRENCY is "many", and must be number .*\n$/);
  });

  it("ends with 2 at a flag that is not acceptable", async () => {
    for (const [flag, value] of [
      ["--concurrency", "0"],
      ["--queue", "a b"],
      ["--nope", "1"],
    ] as const) {
      const { code, stdout } = await project.run(["worker", "tasks:app", flag, value], { env: environment() });
      expect({ flag, code, stdout }).toEqual({ flag, code: 2, stdout: "" });
    }
  });

  it("says what to set when two brokers are installed", async () => {
    const { code, stderr } = await project.run(["worker", "tasks:app"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/depends on several brokers .*set CHICORY_BROKER/);
  });

  it("says what to install when there is no worker package", async () => {
    const producer = await Project.create({ "tasks.ts": TASKS }, ["core", "broker-memory", "cli"]);
    try {
      const { code, stderr } = await producer.run(["worker", "tasks:app"]);
      expect(code).toBe(2);
      expect(stderr).toContain("@chicory/worker is not installed: run npm install @chicory/worker");
    } finally {
      await producer.remove();
    }
  });

  it("says what to install when there is no broker", async () => {
    const bare = await Project.create({ "tasks.ts": TASKS }, ["core", "worker", "cli"]);
    try {
      const { code, stderr } = await bare.run(["worker", "tasks:app"]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/No broker is installed: .*npm install @chicory\/broker-redis/);
    } finally {
      await bare.remove();
    }
  });
});
