import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { useSystem } from "./fixture.js";

const TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory } from "@chicory/core";

export const app = new Chicory();
app.task("who", async ({ key }: { key: string }) => appendFile(key, \`\${process.pid}\\n\`));
app.task("crash", { retry: { maxRetries: 0 } }, async () => process.kill(process.pid, "SIGKILL"));
`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("several processes under a supervisor", () => {
  const system = useSystem();
  const send = async (task: string, input: object = {}) => {
    const sent = await system.chicory("send", "tasks:app", task, "--input", JSON.stringify(input));
    expect(sent).toMatchObject({ code: 0, stderr: "" });
  };

  it("run tasks in processes of their own, and end with the supervisor at a signal", async () => {
    await system.write({ "tasks.ts": TASKS });
    const supervisor = system.start(["worker", "tasks:app", "--workers", "2"]);
    await send("who", { key: "first" });
    const [pid] = await eventually(async () => {
      const lines = await system.lines("first");
      return lines.length > 0 && lines.map(Number);
    });
    expect(pid).not.toBe(supervisor.pid);
    supervisor.signal("SIGTERM");
    expect(await supervisor.ended()).toMatchObject({ code: 0, signal: null });
    expect(isRunning(Number(pid))).toBe(false);
  });

  it("are restarted when one dies, and the task that killed it goes to the dead letters", async () => {
    const env = { CHICORY_BROKER_REDIS_LEASE_MS: "1000" };
    const supervisor = system.start(["worker", "tasks:app", "--workers", "2", "--max-deliveries", "1"], { env });
    await send("crash");
    const letters = async () => {
      const { stdout } = await system.chicory("dlq", "list", "tasks:app", "--queue", "default", "--json");
      return (JSON.parse(stdout) as { readonly deadLetters: readonly { readonly reason: string }[] }).deadLetters;
    };
    await eventually(async () => (await letters()).length === 1, { what: "a dead letter", intervalMs: 250 });
    expect((await letters())[0]?.reason).toBe("delivery-limit");
    await send("who", { key: "second" });
    await eventually(async () => (await system.lines("second")).length === 1, { what: "the next task to run" });
    supervisor.signal("SIGTERM");
    expect(await supervisor.ended()).toMatchObject({ code: 0, signal: null });
  });
});
