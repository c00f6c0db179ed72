import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { useSystem } from "./fixture.js";

const TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory } from "@chicory/core";

export const app = new Chicory();
app.task("note", async ({ text }: { text: string }) => appendFile("journal", \`\${text}\\n\`));
`;

describe("a worker whose Redis restarts", () => {
  const system = useSystem({ ownServer: true });
  const send = async (text: string, ...flags: readonly string[]) => {
    const input = JSON.stringify({ text });
    expect(await system.chicory("send", "tasks:app", "note", "--input", input, ...flags)).toMatchObject({ code: 0 });
  };
  const isWritten = (text: string) =>
    eventually(async () => (await system.lines("journal")).includes(text), { what: `"${text}" in the journal` });

  it("goes on by itself, with what the server kept and with what comes later", async () => {
    await system.write({ "tasks.ts": TASKS });
    const worker = system.start(["worker", "tasks:app"]);
    await send("before");
    await isWritten("before");
    await send("kept", "--delay", "3000");
    await system.redis.restart();
    await send("after");
    await isWritten("after");
    await isWritten("kept");
    expect(await system.lines("journal")).toHaveLength(3);
    worker.signal("SIGTERM");
    expect(await worker.ended()).toMatchObject({ code: 0, signal: null });
  });

  it("goes on when the server comes back empty", async () => {
    system.start(["worker", "tasks:app"]);
    await send("with data");
    await isWritten("with data");
    await system.redis.restart({ keepData: false });
    await send("without data");
    await isWritten("without data");
  });
});
