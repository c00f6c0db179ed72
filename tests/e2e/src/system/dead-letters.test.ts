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

  /** From the original message, which the letter keeps. */
  const orderOf = async (id: string) => {
    const { body } = JSON.parse(await dlq("show", "--id", id, "--json")) as { readonly body: { content: string } };
    return (JSON.parse(body.content) as { readonly input: { readonly order: number } }).input.order;
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

    // They are listed in the order in which they failed for good, which need not be that of sending.
    const [first = "", second = "", third = ""] = (await letters()).map(({ id }) => id);
    expect(await dlq("list")).toContain("retries-exhausted");
    expect(await dlq("show", "--id", first)).toContain("the partner's system is down");
    const orders = [await orderOf(first), await orderOf(second)];

    // The cause is gone: two run again, and the third is given up.
    await dlq("replay", "--id", first);
    expect((await letters()).map(({ id }) => id)).toEqual([second, third]);
    system.start(["worker", "tasks:app"], { env: { PARTNER: "up" } });
    await eventually(async () => (await system.lines("journal")).length === 1, { what: "the first to run" });
    await dlq("remove", "--id", third, "--yes");
    await dlq("replay");
    await eventually(async () => (await system.lines("journal")).length === 2, { what: "the second to run" });
    expect(await system.lines("journal")).toEqual(orders.map((order) => `order ${order}`));
    expect(await letters()).toEqual([]);
    expect(await dlq("purge", "--yes")).toContain("Deleted 0");
  });
});
