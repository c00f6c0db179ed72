import { eventually, type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Ended } from "../command.js";
import { useSystem } from "./fixture.js";

/** One program with its worker inside, since the embedded broker lives in its process. */
const PROGRAM = `
import { Chicory } from "@chicory/core";
import { Worker } from "@chicory/worker";

const app = new Chicory();
const results: string[] = [];
const flaky = app.task("flaky", { retry: { maxRetries: 2, delayMs: 50 } }, async ({ n }: { n: number }, ctx) => {
  if (ctx.attempt === 1) throw new Error("once more");
  results.push(\`\${n} at attempt \${ctx.attempt}\`);
});

const worker = new Worker(app);
const allEnded = new Promise<void>((resolve) => {
  worker.on("succeeded", () => results.length === 2 && resolve());
});
await worker.start();
await flaky.sendMany([{ n: 1 }, { n: 2 }]);
await allEnded;
await worker.stop();
const { name } = await app.broker.driver();
console.log(name, results.sort().join(", "));
await app.close();
`;

/** An app for the command: what runs, is retried, is delayed, and fails for good. */
const TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory, TaskFailedError } from "@chicory/core";
import * as v from "valibot";

export const app = new Chicory();
const input = v.object({ n: v.number() });
const options = { queue: "swap", input, retry: { maxRetries: 1, delayMs: 20 } };

app.task("run", options, async ({ n }, { attempt }) => {
  if (n === 1 && attempt === 1) throw new Error("once more");
  await appendFile("journal", \`\${n} ran at attempt \${attempt}\\n\`);
});
app.task("fail", options, async ({ n }) => {
  await appendFile("journal", \`\${n} fails\\n\`);
  throw new TaskFailedError("no such order");
});
`;

/** What a command's output has of its own: ids, times, and the broker's name. */
const normal = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\b\d{13}-\d+\b/g, "<id>")
    .replace(/\b1\d{12}\b/g, "<time>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/RabbitMQ|Redis/g, "<broker>")
    .replace(/rabbitmq|redis/g, "<broker>");

const manifest = (broker: string) => ({ type: "module", dependencies: { [broker]: "*" } });

describe("a swap of brokers", () => {
  const system = useSystem();
  let rabbitmq: RabbitmqServer;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  }, 200_000);
  afterAll(() => rabbitmq.stop());

  it("from Redis to RabbitMQ is a change of the dependency and of the environment", async () => {
    await system.write({
      ".env": `CHICORY_BROKER_RABBITMQ_URL=${rabbitmq.url}\nCHICORY_BROKER_RABBITMQ_PREFIX=swap${process.pid}\n`,
      "swap/package.json": manifest("@chicory/broker-redis"),
      "swap/program.ts": PROGRAM,
    });
    const before = await system.node("swap/program.ts");
    await system.write({ "swap/package.json": manifest("@chicory/broker-rabbitmq") });
    const after = await system.node("swap/program.ts");
    expect(before).toMatchObject({ code: 0, stdout: "redis 1 at attempt 2, 2 at attempt 2\n", stderr: "" });
    expect(after).toMatchObject({ code: 0, stdout: "rabbitmq 1 at attempt 2, 2 at attempt 2\n", stderr: "" });
  });

  it("from Redis to RabbitMQ leaves results, exit statuses and what the command prints as they are", async () => {
    const play = async (broker: "redis" | "rabbitmq") => {
      const folder = `command-on-${broker}`;
      const url = broker === "redis" ? system.redis.url : rabbitmq.url;
      const env = {
        [`CHICORY_BROKER_${broker.toUpperCase()}_URL`]: url,
        [`CHICORY_BROKER_${broker.toUpperCase()}_${broker === "redis" ? "KEY_PREFIX" : "PREFIX"}`]: `played${process.pid}`,
      };
      const cwd = `${system.folder}/${folder}`;
      await system.write({
        [`${folder}/package.json`]: manifest(`@chicory/broker-${broker}`),
        [`${folder}/tasks.ts`]: TASKS,
      });
      const chicory = async (...args: readonly string[]): Promise<Ended> =>
        await system.start(args, { cwd, env }).ended();
      const nowhere = { ...env, [`CHICORY_BROKER_${broker.toUpperCase()}_URL`]: url.replace(/:\d+$/, ":1") };
      // What needs none of the others runs beside them.
      const aside = Promise.all([
        chicory("worker", "tasks:nobody"),
        chicory("config", "tasks:app", "--json"),
        chicory("send", "tasks:app", "run", "--input", '{"n":"one"}'),
        system.start(["worker", "tasks:app"], { cwd, env: nowhere }).ended(),
      ]);
      const send = (task: string, n: number, ...flags: readonly string[]) =>
        chicory("send", "tasks:app", task, "--input", JSON.stringify({ n }), ...flags);
      const sent = await Promise.all([send("run", 1), send("run", 2), send("fail", 3, "--json")]);
      const delayed = await send("run", 4, "--delay", "3600000");
      const before = await chicory("queues", "tasks:app", "--json");
      const worker = system.start(["worker", "tasks:app", "--name", "w"], { cwd, env });
      await eventually(async () => (await system.lines(`${folder}/journal`)).length === 3, {
        what: "every task to run",
        deadlineMs: 90_000,
      });
      worker.signal("SIGTERM");
      const stopped = await worker.ended();
      const results = [...(await system.lines(`${folder}/journal`))].sort();
      const dlq = (command: string, ...flags: readonly string[]) =>
        chicory("dlq", command, "tasks:app", "--queue", "swap", "--json", ...flags);
      const list = await dlq("list");
      const { id } = JSON.parse(list.stdout).deadLetters[0] as { readonly id: string };
      const [after, show, summary] = await Promise.all([
        chicory("queues", "tasks:app"),
        dlq("show", "--id", id),
        dlq("summary"),
      ]);
      const replay = await dlq("replay");
      const ended = { sent, delayed, list, show, summary, replay };
      return { ended, before, after, stopped, results, aside: await aside };
    };
    const [onRedis, onRabbitmq] = await Promise.all([play("redis"), play("rabbitmq")]);

    const plain = (value: unknown) => JSON.parse(normal(JSON.stringify(value))) as unknown;
    expect(onRabbitmq.results).toEqual(["1 ran at attempt 2", "2 ran at attempt 1", "3 fails"]);
    expect(onRabbitmq.results).toEqual(onRedis.results);
    expect(plain(onRabbitmq.ended)).toEqual(plain(onRedis.ended));
    expect([onRedis.stopped, onRabbitmq.stopped].map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    // AMQP cannot tell what is delayed or in flight.
    const { queues } = JSON.parse(onRedis.before.stdout) as { queues: object[] };
    expect(queues).toEqual([{ queue: "swap", ready: 3, delayed: 1, inFlight: 0, deadLetters: 0 }]);
    expect(JSON.parse(onRabbitmq.before.stdout).queues).toEqual([{ queue: "swap", ready: 3, deadLetters: 0 }]);
    const counts = /^swap\s+0\s+(?:1\s+0|\?\s+\?)\s+1$/m;
    for (const { after } of [onRedis, onRabbitmq]) expect(after.stdout).toMatch(counts);
    // A command line that is wrong, a refused input and a server that is not there are the same, but for names.
    expect(onRedis.aside.map(({ code }) => code)).toEqual([2, 0, 2, 3]);
    const [wrong, config, refused, unreachable] = onRabbitmq.aside;
    expect(plain([wrong, refused])).toEqual(plain([onRedis.aside[0], onRedis.aside[2]]));
    expect(unreachable).toMatchObject({ code: 3, stdout: "" });
    expect(normal(unreachable.stderr).split(":")[0]).toBe(normal(onRedis.aside[3].stderr).split(":")[0]);
    const optionsOf = ({ stdout }: Ended) => {
      const { broker, options } = JSON.parse(stdout) as { broker: string; options: { path: string }[] };
      return { broker, options: options.filter(({ path }) => !path.startsWith("broker.")) };
    };
    expect(optionsOf(config).broker).toBe("rabbitmq");
    expect(optionsOf(config).options).toEqual(optionsOf(onRedis.aside[1]).options);
  });

  it("is a change of the dependency", async () => {
    await system.write({
      "on-redis/package.json": manifest("@chicory/broker-redis"),
      "on-redis/program.ts": PROGRAM,
      "on-memory/package.json": manifest("@chicory/broker-memory"),
      "on-memory/program.ts": PROGRAM,
    });
    const [onRedis, onMemory] = await Promise.all([
      system.node("on-redis/program.ts"),
      system.node("on-memory/program.ts"),
    ]);
    expect(onRedis).toMatchObject({ code: 0, stdout: "redis 1 at attempt 2, 2 at attempt 2\n", stderr: "" });
    expect(onMemory).toMatchObject({ code: 0, stdout: "memory 1 at attempt 2, 2 at attempt 2\n", stderr: "" });
  });

  it("is a change of the environment", async () => {
    await system.write({ "program.ts": PROGRAM, ".env": "CHICORY_BROKER=memory\n" });
    expect((await system.node("program.ts")).stdout).toMatch(/^memory /);
  });
});
