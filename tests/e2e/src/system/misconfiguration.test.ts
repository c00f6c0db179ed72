import { describe, expect, it } from "@jest/globals";
import type { Ended } from "../command.js";
import { useSystem } from "./fixture.js";

const TASKS = `
import { Chicory } from "@chicory/core";
export const app = new Chicory();
export const add = app.task("add", async ({ a, b }: { a: number; b: number }) => a + b);
export const number = 17;
`;
const PASSWORD = "correct-horse-battery";
const WRONG_PASSWORD = "wrong-horse-battery";

/** A package.json with just these among its dependencies. */
const manifest = (...dependencies: readonly string[]) => ({
  name: "folder",
  type: "module",
  dependencies: Object.fromEntries(dependencies.map((name) => [name, "*"])),
});

/** One sentence, the right status, no stack, no secret. */
function expectSentence({ code, stdout, stderr }: Ended, exitCode: number, ...parts: readonly RegExp[]): void {
  expect({ code, stdout, stderr }).toMatchObject({ code: exitCode, stdout: "" });
  const sentences = stderr.trim().split("\n");
  // What was typed wrong is followed by where to read how it goes.
  expect(sentences.filter((line) => !line.startsWith("See chicory --help"))).toHaveLength(1);
  for (const part of parts) expect(stderr).toMatch(part);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  expect(stderr).not.toContain(PASSWORD);
  expect(stderr).not.toContain(WRONG_PASSWORD);
}

describe("a worker that cannot start", () => {
  const system = useSystem({ password: PASSWORD });
  /** A folder of a project's own, with its own package.json. */
  const inFolder = async (
    name: string,
    dependencies: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) => {
    await system.write({ [`${name}/package.json`]: manifest(...dependencies), [`${name}/tasks.ts`]: TASKS });
    const command = system.start(["worker", "tasks:app"], { cwd: `${system.folder}/${name}`, env });
    return command.ended();
  };
  const worker = async (app: string, env: Readonly<Record<string, string>> = {}) => {
    await system.write({ "tasks.ts": TASKS });
    return system.start(["worker", app], { env }).ended();
  };

  it("names the variable whose value is not acceptable, and what would be", async () => {
    const ended = await worker("tasks:app", { CHICORY_WORKER_CONCURRENCY: "many" });
    expectSentence(ended, 2, /CHICORY_WORKER_CONCURRENCY/, /"many"/);
  });

  it("names the variable of the broker whose value is not acceptable, and not the value of a secret", async () => {
    const ended = await worker("tasks:app", { CHICORY_BROKER_REDIS_URL: `htp://:${WRONG_PASSWORD}@127.0.0.1` });
    expectSentence(ended, 2, /CHICORY_BROKER_REDIS_URL/, /redis:\/\//);
  });

  it("names the module that is missing", async () => {
    expectSentence(await worker("taks:app"), 2, /taks/);
  });

  it("names the export that is missing, and those that are there", async () => {
    expectSentence(await worker("tasks:application"), 2, /application/, /app/);
  });

  it("says that an export is no app", async () => {
    expectSentence(await worker("tasks:number"), 2, /number/);
  });

  it("says what to install where no broker is", async () => {
    const ended = await inFolder("none", ["@chicory/core"]);
    expectSentence(ended, 2, /No broker is installed/, /npm install @chicory\/broker-redis/);
  });

  it("says what to set where two brokers are", async () => {
    const ended = await inFolder("two", ["@chicory/broker-redis", "@chicory/broker-memory"]);
    expectSentence(ended, 2, /several brokers/, /CHICORY_BROKER/);
  });

  it("says what to install where the chosen broker is not installed", async () => {
    const ended = await worker("tasks:app", { CHICORY_BROKER: "chicory-broker-of-nobody" });
    expectSentence(ended, 2, /chicory-broker-of-nobody/, /npm install/);
  });

  it("says that the password is wrong, and exits with 3", async () => {
    const { host, port } = system.redis;
    const ended = await worker("tasks:app", {
      CHICORY_BROKER_REDIS_URL: `redis://:${WRONG_PASSWORD}@${host}:${port}`,
    });
    expectSentence(ended, 3, /password/i);
  });

  it("says where nobody answers, and exits with 3", async () => {
    // Port 1 is reserved, and nobody listens there.
    const ended = await worker("tasks:app", { CHICORY_BROKER_REDIS_URL: `redis://:${WRONG_PASSWORD}@127.0.0.1:1` });
    expectSentence(ended, 3, /127\.0\.0\.1:1\b/);
  });

  it("shows the stack at log level debug", async () => {
    await system.write({ "broken.ts": 'throw new Error("the tasks cannot be loaded");' });
    const quiet = await system.start(["worker", "broken"]).ended();
    expect(quiet.stderr).toContain("the tasks cannot be loaded");
    expect(quiet.stderr).not.toMatch(/\bat .*broken\.ts/);
    const loud = await system.start(["worker", "broken", "--log-level", "debug"]).ended();
    expect(loud.stderr).toMatch(/\bat .*broken\.ts/);
  });

  it("refuses an unknown flag and a queue name that cannot be one, with status 2", async () => {
    await system.write({ "tasks.ts": TASKS });
    const flag = await system.start(["worker", "tasks:app", "--concurency", "3"]).ended();
    expect(flag).toMatchObject({ code: 2, stdout: "" });
    expect(flag.stderr).toContain("concurency");
    const queue = await system.start(["worker", "tasks:app", "--queue", "no spaces"]).ended();
    expectSentence(queue, 2, /no spaces/);
  });
});
