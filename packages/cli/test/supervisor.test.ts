import { randomUUID } from "node:crypto";
import { eventually, type RedisServer, startRedis } from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { TASKS } from "./fixture-app.js";
import { Project } from "./project.js";

// Every command is a process, and a loaded machine starts them slowly.
jest.setTimeout(180_000);

let redis: RedisServer;
let project: Project;

beforeAll(async () => {
  [redis, project] = await Promise.all([startRedis(), Project.create({ "tasks.ts": TASKS })]);
});
afterAll(async () => {
  await project?.remove();
  await redis?.stop();
});

/** A namespace of the test's own. */
function environment(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    CHICORY_BROKER: "redis",
    CHICORY_BROKER_REDIS_URL: redis.url,
    CHICORY_BROKER_REDIS_KEY_PREFIX: `t-${randomUUID()}`,
    ...more,
  };
}

async function send(env: Readonly<Record<string, string>>, task: string, input: unknown = null): Promise<void> {
  const { code, stderr } = await project.run(["send", "tasks:app", task, "--input", JSON.stringify(input)], { env });
  if (code !== 0) throw new Error(stderr);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const pids = (log: string) => [...log.matchAll(/Started a worker process .*pid=(\d+)/g)].map(([, pid]) => Number(pid));

describe("chicory worker --workers", () => {
  it("restarts a process that was killed, and its task is done by another", async () => {
    // A dead process's task is taken over within two leases.
    const env = environment({ CHICORY_BROKER_REDIS_LEASE_MS: "2000" });
    const supervisor = project.start(["worker", "tasks:app", "--workers", "2"], env);
    await supervisor.says(/Ready/, 2);
    await send(env, "slow", 2_000);
    await supervisor.says(/SLOW \d+ begins/);
    const [, pid] = /SLOW (\d+) begins/.exec(supervisor.stdout) ?? [];
    process.kill(Number(pid), "SIGKILL");
    await supervisor.says(/A worker process ended with a failure .*signal=SIGKILL/);
    await supervisor.says(/SLOW \d+ ends/);
    await supervisor.says(/Ready/, 3);
    expect(supervisor.stdout).not.toContain(`SLOW ${pid} ends`);
    supervisor.kill("SIGTERM");
    expect((await supervisor.ended).code).toBe(0);
    expect(pids(supervisor.stderr)).toHaveLength(3);
    expect(pids(supervisor.stderr).filter(isAlive)).toEqual([]);
  });

  it("stops every process gracefully at a signal", async () => {
    const env = environment();
    const supervisor = project.start(["worker", "tasks:app", "--workers", "2"], env);
    await supervisor.says(/Ready/, 2);
    await send(env, "slow", 1_500);
    await supervisor.says(/SLOW \d+ begins/);
    // As Ctrl-C in a terminal does: what reached the processes directly as well would be their second signal.
    supervisor.killGroup("SIGINT");
    expect((await supervisor.ended).code).toBe(0);
    expect(supervisor.stdout).toMatch(/SLOW \d+ ends/);
    expect(supervisor.stderr.match(/A worker process ended /g)).toHaveLength(2);
  });

  it("stops every process at once at the second signal, and ends with 1", async () => {
    const env = environment();
    const supervisor = project.start(["worker", "tasks:app", "--workers", "1", "--shutdown-timeout", "600000"], env);
    await send(env, "slow", 600_000);
    await supervisor.says(/SLOW \d+ begins/);
    supervisor.kill("SIGTERM");
    await supervisor.says(/was asked to stop/);
    supervisor.kill("SIGTERM");
    expect((await supervisor.ended).code).toBe(1);
    expect(supervisor.stdout).toMatch(/SLOW \d+ aborted/);
  });

  it("leaves processes that end their tasks and stop when it is killed itself", async () => {
    const env = environment();
    const supervisor = project.start(["worker", "tasks:app", "--workers", "2"], env);
    await supervisor.says(/Ready/, 2);
    await send(env, "slow", 1_000);
    await supervisor.says(/SLOW \d+ begins/);
    const children = pids(supervisor.stderr);
    supervisor.kill("SIGKILL");
    await eventually(() => children.every((pid) => !isAlive(pid)), { what: "the end of both processes" });
    await supervisor.ended;
    expect(supervisor.stdout).toMatch(/SLOW \d+ ends/);
    expect(supervisor.stderr.match(/The supervisor has ended: stopping/g)).toHaveLength(2);
  });

  it("gives up with 1 when a process crashes again and again", async () => {
    await project.write({
      "crash.ts": `${TASKS}\nsetTimeout(() => process.kill(process.pid, "SIGKILL"), 10);\nawait sleep(60_000);`,
    });
    const supervisor = project.start(["worker", "crash:app", "--workers", "1"], environment());
    expect((await supervisor.ended).code).toBe(1);
    expect(pids(supervisor.stderr)).toHaveLength(5);
    expect(supervisor.stderr).toMatch(/does not help: stopping all .*reason="it ended 5 times within 60 seconds"/);
  });

  it("gives up with 2 at once when the app cannot be used", async () => {
    const { code, stderr } = await project.run(["worker", "tasks:nope", "--workers", "2"], { env: environment() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/has no export "nope"/);
    expect(pids(stderr)).toHaveLength(2);
  });

  it("gives up with 3 at once when the broker is down", async () => {
    const env = environment({ CHICORY_BROKER_REDIS_URL: "redis://me:pa55@127.0.0.1:1" });
    const { code, stderr } = await project.run(["worker", "tasks:app", "--workers", "2"], { env });
    expect(code).toBe(3);
    expect(stderr).not.toContain("pa55");
  });
});
