import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
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
