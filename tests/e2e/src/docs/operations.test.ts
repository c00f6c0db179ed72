import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { useSystem } from "../system/fixture.js";
import { root } from "./snippets.js";

const RULE = /^ *user (chicory on >PASSWORD .*)$/m.exec(readFileSync(join(root, "docs/operations.md"), "utf8"))?.[1];

const TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory } from "@chicory/core";

export const app = new Chicory();
app.task("note", { retry: { maxRetries: 1, delayMs: 10 } }, async ({ text }: { text: string }, ctx) => {
  if (text === "bad") throw new Error("not this one");
  await appendFile("journal", \`\${text} at attempt \${ctx.attempt}\\n\`);
});
`;

describe("docs/operations.md", () => {
  const system = useSystem({ users: [(RULE ?? "").replace("PASSWORD", "pass")] });
  /** As the user of the page, with the key prefix that its rule names. */
  const env = () => ({
    CHICORY_BROKER_REDIS_URL: `redis://chicory:pass@${system.redis.host}:${system.redis.port}`,
    CHICORY_BROKER_REDIS_KEY_PREFIX: "chicory",
  });
  const chicory = async (...args: readonly string[]) => {
    const ended = await system.start(args, { env: env() }).ended();
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    return ended.stdout;
  };
  const send = (text: string, ...flags: readonly string[]) =>
    chicory("send", "tasks:app", "note", "--input", JSON.stringify({ text }), ...flags);
  const letters = () => chicory("dlq", "list", "tasks:app", "--queue", "default");

  it("names rights of a Redis user that are enough for all that Chicory does", async () => {
    expect(RULE).toBeDefined();
    await system.write({ "tasks.ts": TASKS });
    const worker = system.start(["worker", "tasks:app"], { env: env() });
    await send("plain");
    await send("delayed", "--delay", "500");
    await send("urgent", "--priority", "9");
    await send("once", "--id", "once", "--dedupe", "60000");
    await send("once", "--id", "once", "--dedupe", "60000");
    await send("bad");
    await eventually(async () => (await system.lines("journal")).length === 4, { what: "four tasks to run" });
    await eventually(async () => (await letters()).includes("retries-exhausted"), { intervalMs: 250 });
    expect(await chicory("dlq", "replay", "tasks:app", "--queue", "default")).toContain("Replayed 1");
    await eventually(async () => (await letters()).includes("retries-exhausted"), { intervalMs: 250 });
    expect(await chicory("dlq", "purge", "tasks:app", "--queue", "default", "--yes")).toContain("Deleted 1");
    expect(await chicory("queues", "tasks:app")).toContain("default");
    worker.signal("SIGTERM");
    expect(await worker.ended()).toMatchObject({ code: 0 });
    expect(worker.stderr).not.toMatch(/permit|permission|NOPERM/);
  });
});
