import { describe, expect, it } from "@jest/globals";
import { useSystem } from "./fixture.js";

const TASKS = `
import { Chicory, defineConfig } from "@chicory/core";

export const app = new Chicory({
  publishTimeoutMs: 7_000,
  config: defineConfig({ worker: { concurrency: 3 }, broker: { redis: { port: 7001 } } }),
});
app.task("nothing", async () => {});
`;

interface Entry {
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
}

describe("chicory config", () => {
  const system = useSystem();
  const SECRET = "a-password-of-somebody";

  it("says where each value comes from, connects to nothing, and shows no secret", async () => {
    await system.write({ "tasks.ts": TASKS, ".env": "CHICORY_BROKER_REDIS_DB=4\nCHICORY_BROKER_REDIS_PORT=7002\n" });
    const env = {
      CHICORY_BROKER_REDIS_URL: "",
      CHICORY_BROKER_REDIS_PASSWORD: SECRET,
      CHICORY_BROKER_REDIS_HOST: "redis.invalid",
      CHICORY_WORKER_CONCURRENCY: "5",
    };
    const { code, stdout, stderr } = await system.start(["config", "tasks:app", "--json"], { env }).ended();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { options } = JSON.parse(stdout) as { readonly options: readonly Entry[] };
    const found = (path: string) => {
      const { value, origin } = options.find((entry) => entry.path === path) ?? {};
      return [value, origin];
    };
    expect(found("publishTimeoutMs")).toEqual([7_000, "option"]);
    expect(found("worker.concurrency")).toEqual([3, "config"]);
    expect(found("broker.redis.port")).toEqual([7_001, "config"]);
    expect(found("broker.redis.host")).toEqual(["redis.invalid", "environment"]);
    expect(found("broker.redis.db")).toEqual([4, ".env"]);
    expect(found("broker.redis.leaseMs")).toEqual([30_000, "default"]);
    expect(found("broker.redis.password")).toEqual(["[redacted]", "environment"]);
    expect(stdout).not.toContain(SECRET);
    const table = await system.start(["config", "tasks:app", "--show-origin"], { env }).ended();
    expect(table.stdout).toMatch(/broker\.redis\.db\s+4\s+\.env\s+CHICORY_BROKER_REDIS_DB/);
    expect(table.stdout).not.toContain(SECRET);
  });
});
