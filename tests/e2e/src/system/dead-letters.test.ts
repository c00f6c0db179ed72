import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { useSystem } from "./fixture.js";

const TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory } from "@chicory/core";

export const app = new Chicory();

app.task("sync", { queue: "orders", retry: { maxRetries: 1, delayMs: 20 } }, async ({ order }: { order: number }) => {
  if (process.env.PARTNER !== "up") throw new Error("the partner's system is down");
  await appendFile("journal", \`order \${order}\\n\`);
});
`;

describe("dead letters on the command line", () => {
  const system = useSystem();
  const dlq = async (command: string, ...args: readonly string[]) => {
    const ended = await system.chicory("dlq", command, "tasks:app", ...args, "--queue", "orders");
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    return ended.stdout;
  };
  const letters = async () => {
    const document = JSON.parse(await dlq("list", "--json")) as { readonly deadLetters: readonly { id: string }[] };
    return document.deadLetters;
  };

  it("are listed, shown, replayed and removed", async () => {
    await system.write({ "tasks.ts": TASKS });
    for (const order of [1, 2, 3]) {
      const sent = await system.chicory("send", "tasks:app", "sync", "--input", JSON.stringify({ order }));
      expect(sent.code).toBe(0);
    }
    const failing = system.start(["worker", "tasks:app"]);
    await eventually(async () => (await letters()).length === 3, { what: "three dead letters", intervalMs: 200 });
    await failing.kill();

    const [first, , third] = await letters();
    expect(await dlq("list")).toContain("retries-exhausted");
    expect(await dlq("show", "--id", first?.id ?? "")).toContain("the partner's system is down");

    // The cause is gone: two run again, and the third is given up.
    await dlq("replay", "--id", first?.id ?? "");
    expect(await letters()).toHaveLength(2);
    system.start(["worker", "tasks:app"], { env: { PARTNER: "up" } });
    await eventually(async () => (await system.lines("journal")).includes("order 1"));
    await dlq("remove", "--id", third?.id ?? "", "--yes");
    await dlq("replay");
    await eventually(async () => (await system.lines("journal")).includes("order 2"));
    expect(await letters()).toEqual([]);
    expect(await system.lines("journal")).toEqual(["order 1", "order 2"]);
    expect(await dlq("purge", "--yes")).toContain("Deleted 0");
  });
});
