import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { useSystem } from "./fixture.js";

const TYPESCRIPT_TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory } from "@chicory/core";
import * as v from "valibot";

export const app = new Chicory();

export const sendEmail = app.task(
  "email.send",
  { input: v.object({ to: v.pipe(v.string(), v.email()) }), queue: "emails" },
  async ({ to }): Promise<void> => appendFile("journal", \`email to \${to} by \${process.pid}\\n\`),
);

export const add = app.task("add", async ({ a, b }: { a: number; b: number }) =>
  appendFile("journal", \`\${a} + \${b} = \${a + b}\\n\`),
);
`;

const TYPESCRIPT_PRODUCER = `
import { add, app, sendEmail } from "./tasks.js";

const { id, queue } = await sendEmail.send({ to: "ada@example.com" });
await add.sendMany([{ a: 1, b: 2 }, { a: 20, b: 22 }]);
console.log(\`\${queue} \${id} \${process.pid}\`);
await app.close();
`;

const JAVASCRIPT_TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory } from "@chicory/core";

const app = new Chicory();
export const greet = app.task("greet", { queue: "plain" }, async ({ who }) => appendFile("journal.plain", \`Hello, \${who}\\n\`));
export default app;
`;

const COMMONJS_TASKS = `
const { appendFileSync } = require("node:fs");
const { Chicory } = require("@chicory/core");

const app = new Chicory();
app.task("old", { queue: "old" }, async ({ who }) => appendFileSync("journal.old", \`Good day, \${who}\\n\`));
module.exports = { app };
`;

describe("a project of a user's, with the packed packages", () => {
  const system = useSystem();

  it("sends tasks from one TypeScript program, and another process executes them through Redis", async () => {
    await system.write({ "tasks.ts": TYPESCRIPT_TASKS, "send.ts": TYPESCRIPT_PRODUCER });
    const worker = system.startProgram("npx", [
      "chicory",
      "worker",
      "tasks:app",
      "--queue",
      "emails",
      "--queue",
      "default=2",
    ]);
    const sent = await system.node("send.ts");
    expect(sent).toMatchObject({ code: 0, stderr: "" });
    expect(sent.stdout).toMatch(/^emails [0-9a-f-]{36} \d+\n$/);

    const journal = await eventually(
      async () => {
        const lines = await system.lines("journal");
        return lines.length >= 3 && lines;
      },
      { what: `three tasks to be executed; the worker wrote:\n${worker.stderr}` },
    );
    expect(journal).toHaveLength(3);
    expect(journal).toEqual(expect.arrayContaining(["1 + 2 = 3", "20 + 22 = 42"]));
    const executedBy = /email to ada@example.com by (\d+)/.exec(journal.join("\n"))?.[1];
    expect(executedBy).toBeDefined();
    expect(executedBy).not.toBe(sent.stdout.trim().split(" ")[2]);
    expect(worker.stdout).toBe("");
    await worker.stop();
  });

  it("runs an app in plain JavaScript, the default export, with a task sent by the command", async () => {
    await system.write({ "plain.js": JAVASCRIPT_TASKS });
    const worker = system.start(["worker", "plain"]);
    const sent = await system.chicory("send", "plain", "greet", "--input", '{"who":"World"}');
    expect(sent).toMatchObject({ code: 0, stderr: "" });
    await eventually(async () => (await system.lines("journal.plain")).includes("Hello, World"));
    expect(await worker.stop()).toMatchObject({ code: 0 });
  });

  it("runs an app in CommonJS", async () => {
    await system.write({ "old.cjs": COMMONJS_TASKS });
    const worker = system.start(["worker", "old"]);
    expect((await system.chicory("send", "old:app", "old", "--input", '{"who":"World"}')).code).toBe(0);
    await eventually(async () => (await system.lines("journal.old")).includes("Good day, World"));
    expect(await worker.stop()).toMatchObject({ code: 0 });
  });

  it("leaves nothing of settled tasks in Redis, and says so", async () => {
    const queues = await system.chicory("queues", "tasks:app", "--json");
    expect(queues.code).toBe(0);
    const { queues: depths } = JSON.parse(queues.stdout) as { queues: readonly Record<string, unknown>[] };
    expect(depths.map(({ queue }) => queue)).toEqual(expect.arrayContaining(["default", "emails"]));
    for (const { ready, delayed, inFlight, deadLetters } of depths) {
      expect({ ready, delayed, inFlight, deadLetters }).toEqual({ ready: 0, delayed: 0, inFlight: 0, deadLetters: 0 });
    }
  });
});
