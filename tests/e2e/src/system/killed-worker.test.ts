import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { useSystem } from "./fixture.js";

/** Short, so that a dead worker is known as dead soon; a worker on a busy machine must still renew in time. */
const LEASE_MS = 3_000;
/** A dead worker's tasks are taken over within two leases; the rest is for a machine that has much to do. */
const TAKEOVER_DEADLINE_MS = 2 * LEASE_MS + 20_000;

const TASKS = `
import { appendFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Chicory } from "@chicory/core";

export const app = new Chicory();

app.task("slow", async ({ ms, key }: { ms: number; key: string }, ctx) => {
  await appendFile(key, \`started by \${process.env.WORKER} attempt \${ctx.attempt}\\n\`);
  // The worker that hangs holds its task until it dies.
  await sleep(process.env.WORKER === "hanging" ? 600_000 : ms, undefined, { signal: ctx.signal });
  await appendFile(key, \`ended by \${process.env.WORKER}\\n\`);
});
`;

describe("a worker that ends while it runs a task", () => {
  const system = useSystem({ ownServer: true });
  const worker = (name: string, env: Readonly<Record<string, string>> = {}) =>
    system.start(["worker", "tasks:app"], {
      env: { WORKER: name, CHICORY_BROKER_REDIS_LEASE_MS: String(LEASE_MS), ...env },
    });
  const send = async (key: string, ms: number) => {
    await system.write({ "tasks.ts": TASKS });
    const sent = await system.chicory("send", "tasks:app", "slow", "--input", JSON.stringify({ key, ms }));
    expect(sent).toMatchObject({ code: 0 });
  };
  const isWritten = (key: string, line: string) =>
    eventually(async () => (await system.lines(key)).includes(line), {
      what: `"${line}" in ${key}`,
      deadlineMs: TAKEOVER_DEADLINE_MS,
    });

  it("has its task run by another one after kill -9", async () => {
    await send("killed", 0);
    const hanging = worker("hanging");
    await isWritten("killed", "started by hanging attempt 1");
    worker("healthy");
    hanging.signal("SIGKILL");
    expect((await hanging.ended()).signal).toBe("SIGKILL");
    await isWritten("killed", "ended by healthy");
    expect(await system.lines("killed")).toEqual([
      "started by hanging attempt 1",
      "started by healthy attempt 1",
      "ended by healthy",
    ]);
  });

  it("ends a running task before it exits on SIGTERM, with status 0", async () => {
    await send("graceful", 1_000);
    const graceful = worker("graceful");
    await isWritten("graceful", "started by graceful attempt 1");
    graceful.signal("SIGTERM");
    expect(await graceful.ended()).toMatchObject({ code: 0, signal: null });
    expect(await system.lines("graceful")).toEqual(["started by graceful attempt 1", "ended by graceful"]);
  });

  it("gives a task back that does not end in time, and another worker has it long before the lease is over", async () => {
    await send("handed-back", 0);
    const hanging = worker("hanging", { CHICORY_WORKER_SHUTDOWN_TIMEOUT_MS: "100", ...LONG_LEASE });
    await isWritten("handed-back", "started by hanging attempt 1");
    hanging.signal("SIGTERM");
    expect(await hanging.ended()).toMatchObject({ code: 0, signal: null });
    worker("healthy", LONG_LEASE);
    await isWritten("handed-back", "ended by healthy");
  });

  it("keeps a task that takes much longer than the lease, and nobody else runs it", async () => {
    await send("long", 3 * LEASE_MS);
    worker("patient");
    await isWritten("long", "started by patient attempt 1");
    worker("idle");
    await isWritten("long", "ended by patient");
    expect(await system.lines("long")).toEqual(["started by patient attempt 1", "ended by patient"]);
  });
});

const LONG_LEASE = { CHICORY_BROKER_REDIS_LEASE_MS: "600000" };
