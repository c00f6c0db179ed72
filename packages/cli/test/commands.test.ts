import { randomUUID } from "node:crypto";
import { type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { DeadLettersDocument } from "../src/index.js";
import type { CommandResult } from "./command.js";
import { TASKS } from "./fixture-app.js";
import { Project } from "./project.js";

// Every command is a process, and a loaded machine starts them slowly.
jest.setTimeout(180_000);

let redis: RedisServer;
let project: Project;

beforeAll(async () => {
  [redis, project] = await Promise.all([startRedis(), Project.create({ "tasks.ts": TASKS })]);
});
afterAll(async () => {
  await project?.remove();
  await redis?.stop();
});

/** The command against a namespace of the test's own. */
function fixture() {
  const env: Readonly<Record<string, string>> = {
    CHICORY_BROKER: "redis",
    CHICORY_BROKER_REDIS_URL: redis.url,
    CHICORY_BROKER_REDIS_KEY_PREFIX: `t-${randomUUID()}`,
  };
  const run = (args: readonly string[], stdin?: string) =>
    project.run(args, { env, ...(stdin === undefined ? {} : { stdin }) });
  const json = async (args: readonly string[]): Promise<unknown> => {
    const result = await run([...args, "--json"]);
    if (result.code !== 0) throw new Error(result.stderr);
    return JSON.parse(result.stdout);
  };
  return { env, run, json };
}

/** A queue with dead letters of the task `fail`. */
async function withDeadLetters(count: number) {
  const { env, run, json } = fixture();
  const worker = project.start(["worker", "tasks:app"], { ...env, SEED: String(count) });
  await worker.says(/put into the dead letters/, count);
  worker.kill("SIGTERM");
  await worker.ended;
  return { run, json };
}

async function pageOf(json: (args: readonly string[]) => Promise<unknown>, ...flags: readonly string[]) {
  return (await json(["dlq", "list", "tasks:app", "--queue", "math", ...flags])) as DeadLettersDocument;
}

const outcome = ({ code, stdout, stderr }: CommandResult) => ({ code, stdout, stderr });

describe("chicory send", () => {
  it("prints the queue and the id", async () => {
    const { run, json } = fixture();
    const { code, stdout } = await run(["send", "tasks:app", "add", "--input", '{"a":1,"b":2}', "--id", "mine"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Sent add to queue math with id mine\n" });
    const document = await json(["send", "tasks:app", "add", "--input", '{"a":1,"b":2}', "--queue", "other"]);
    expect(document).toEqual({ id: expect.any(String), queue: "other" });
  });

  it("takes the input from stdin and from a file", async () => {
    const { run } = fixture();
    await project.write({ "input.json": '\uFEFF{"a":1}' });
    expect((await run(["send", "tasks:app", "add", "--input-file", "-"], '{"a":1}')).code).toBe(0);
    expect((await run(["send", "tasks:app", "add", "--input-file", "input.json"])).code).toBe(0);
    expect(await run(["send", "tasks:app", "add", "--input-file", "no.json"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^no\.json cannot be read \(ENOENT\)/),
    });
  });

  it("delays, and sends the same id only once", async () => {
    const { run, json } = fixture();
    const args = ["send", "tasks:app", "add", "--input", '{"a":1}'];
    await run([...args, "--delay", "3600000"]);
    await run([...args, "--eta", new Date(Date.now() + 3_600_000).toISOString()]);
    for (const _ of ["first", "again"]) await run([...args, "--id", "once", "--dedupe", "60000"]);
    expect(await json(["queues", "tasks:app"])).toEqual({
      queues: [{ queue: "math", ready: 1, delayed: 2, inFlight: 0, deadLetters: 0 }],
    });
  });

  it("ends with 2 at input that the schema refuses, without showing it", async () => {
    const { run } = fixture();
    const { code, stdout, stderr } = await run(["send", "tasks:app", "add", "--input", '{"a":-4711}']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe('The input of task "add" does not fit its schema: a: Expected a number above 0\n');
  });

  it("ends with 2 at input that is no JSON, without showing it", async () => {
    const { run } = fixture();
    const { code, stderr } = await run(["send", "tasks:app", "add", "--input", "s3cret"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--input is no JSON/);
    expect(stderr).not.toContain("s3cret");
  });

  it("names the tasks there are when there is no such task", async () => {
    const { run } = fixture();
    const { code, stderr } = await run(["send", "tasks:app", "ad"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^The app has no task "ad": its tasks are add, slow, /);
  });

  it("refuses flags that exclude each other", async () => {
    const { run } = fixture();
    expect((await run(["send", "tasks:app", "add", "--delay", "1", "--eta", "2030-01-01"])).code).toBe(2);
  });
});

describe("chicory dlq", () => {
  it("lists, shows and groups dead letters, with the input in show alone", async () => {
    const { run, json } = await withDeadLetters(3);
    const page = await pageOf(json, "--limit", "2");
    expect(page).toEqual({
      queue: "math",
      deadLetters: [expect.any(Object), expect.any(Object)],
      next: expect.any(String),
    });
    expect(page.deadLetters[0]).toEqual({
      id: expect.any(String),
      reason: "retries-exhausted",
      failedAt: expect.any(Number),
      attempts: 1,
      deliveryCount: 1,
      taskId: expect.stringMatching(/^m\d$/),
      taskName: "fail",
      enqueuedAt: expect.any(Number),
      firstFailureAt: expect.any(Number),
      worker: expect.any(String),
      error: { name: "Error", message: "No user 17 at redis://[redacted]@db" },
    });
    const rest = await pageOf(json, "--after", String(page.next));
    expect(rest.next).toBeNull();
    const ids = [...page.deadLetters, ...rest.deadLetters].map(({ taskId }) => taskId);
    expect(ids.sort()).toEqual(["m0", "m1", "m2"]);
    const listed = await run(["dlq", "list", "tasks:app", "--queue", "math"]);
    expect(listed.stdout).toMatch(/^id +task +reason +failed at +attempts +error\n.*fail +retries-exhausted/);
    expect(listed.stdout).not.toMatch(/s3cret|pa55/);

    const [{ id = "" } = {}] = page.deadLetters;
    const shown = await json(["dlq", "show", "tasks:app", "--queue", "math", "--id", id]);
    expect(shown).toMatchObject({
      queue: "math",
      id,
      error: { stack: expect.stringContaining("tasks.ts") },
      body: { encoding: "utf8", content: expect.stringContaining('"s3cret"') },
    });
    expect(JSON.stringify(shown)).not.toContain("pa55");

    expect(await json(["dlq", "summary", "tasks:app", "--queue", "math"])).toEqual({
      queue: "math",
      examined: 3,
      truncated: false,
      groups: [
        {
          count: 3,
          taskName: "fail",
          reason: "retries-exhausted",
          error: "Error: No user <n> at redis://[redacted]@db",
          firstFailedAt: expect.any(Number),
          lastFailedAt: expect.any(Number),
          exampleId: expect.any(String),
        },
      ],
    });
  });

  it("replays some and all of them", async () => {
    const { json } = await withDeadLetters(4);
    const replay = (...flags: string[]) => json(["dlq", "replay", "tasks:app", "--queue", "math", ...flags]);
    const list = await pageOf(json);
    expect(await replay("--id", list.deadLetters[1]!.id, "--id", "no-such-id")).toEqual({ queue: "math", replayed: 1 });
    expect(await replay("--limit", "1")).toEqual({ queue: "math", replayed: 1 });
    expect(await replay("--rate", "100")).toEqual({ queue: "math", replayed: 2 });
    expect(await json(["queues", "tasks:app"])).toEqual({
      queues: [{ queue: "math", ready: 4, delayed: 0, inFlight: 0, deadLetters: 0 }],
    });
  });

  it("deletes only what it was told to, and only with --yes where nobody can answer", async () => {
    const { run, json } = await withDeadLetters(3);
    const list = await pageOf(json);
    const { id } = list.deadLetters[0]!;
    for (const args of [
      ["purge", "tasks:app", "--queue", "math"],
      ["remove", "tasks:app", "--queue", "math", "--id", id],
    ]) {
      expect(await run(["dlq", ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining("add --yes") });
    }
    expect(await json(["dlq", "remove", "tasks:app", "--queue", "math", "--id", id, "--yes"])).toEqual({
      queue: "math",
      removed: 1,
    });
    expect(await json(["dlq", "purge", "tasks:app", "--queue", "math", "--yes"])).toEqual({
      queue: "math",
      removed: 2,
    });
  });

  it("says so when there is nothing, and fails when a letter is missing", async () => {
    const { run } = fixture();
    expect(outcome(await run(["dlq", "list", "tasks:app", "--queue", "math"]))).toEqual({
      code: 0,
      stdout: "There are no dead letters of queue math.\n",
      stderr: "",
    });
    expect(await run(["dlq", "show", "tasks:app", "--queue", "math", "--id", "1-0"])).toMatchObject({ code: 1 });
  });
});

describe("chicory config", () => {
  it("shows values, where they come from, and no secret", async () => {
    const { env } = fixture();
    const { code, stdout } = await project.run(["config", "tasks:app", "--show-origin"], {
      env: { ...env, CHICORY_BROKER_REDIS_PASSWORD: "pa55word", CHICORY_WORKER_CONCURRENCY: "9" },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^broker: redis\n\noption +value +origin +variable\n/);
    expect(stdout).toMatch(/^worker\.concurrency +9 +environment +CHICORY_WORKER_CONCURRENCY$/m);
    expect(stdout).toMatch(/^broker\.redis\.password +\[redacted\] +environment /m);
    expect(stdout).toMatch(/^deliveryMode +at-least-once +default +CHICORY_DELIVERY_MODE$/m);
    expect(stdout).not.toContain("pa55word");
  });

  it("prints one document of JSON", async () => {
    const { json } = fixture();
    const document = (await json(["config", "tasks:app"])) as { options: object[] };
    expect(document).toEqual({ broker: "redis", options: expect.any(Array) });
    expect(document.options).toContainEqual({
      path: "broker.redis.keyPrefix",
      value: expect.stringMatching(/^t-/),
      origin: "environment",
      variable: "CHICORY_BROKER_REDIS_KEY_PREFIX",
      secret: false,
      description: expect.any(String),
    });
    expect(document.options).toContainEqual(expect.objectContaining({ path: "broker.redis.url", value: "[redacted]" }));
  });
});

describe("chicory", () => {
  it("shows help with examples on stdout", async () => {
    const { run } = fixture();
    for (const command of [
      [],
      ["worker"],
      ["send"],
      ["queues"],
      ["tasks"],
      ["config"],
      ["dlq", "list"],
      ["dlq", "replay"],
    ]) {
      const { code, stdout, stderr } = await run([...command, "--help"]);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: "" });
      expect(stdout).toMatch(/Examples:\n +chicory /);
    }
  });

  it("shows its version", async () => {
    const { run } = fixture();
    expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+.*\n$/);
  });

  it.each([
    [[]],
    [["nope"]],
    [["queues"]],
    [["dlq"]],
    [["dlq", "list", "tasks:app"]],
    [["queues", "tasks:app", "--no-such-flag"]],
  ])("ends with 2 and a sentence at %j", async (args) => {
    const { code, stdout, stderr } = await fixture().run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^[A-Z].+\nSee chicory --help/);
  });

  it("uses colors only where they are wanted", async () => {
    const { run, env } = fixture();
    expect((await run(["tasks", "tasks:app"])).stdout).not.toContain("\u001b[");
    const forced = await project.run(["tasks", "tasks:app"], { env: { ...env, FORCE_COLOR: "1" } });
    expect(forced.stdout.startsWith("\u001b[1mtask")).toBe(true);
  });

  it("ends quietly when the reader of its output has gone", async () => {
    const { env } = fixture();
    const command = project.start(["tasks", "tasks:app"], env);
    command.closeStdout();
    expect(await command.ended).toMatchObject({ code: 0, stderr: "" });
  });
});
