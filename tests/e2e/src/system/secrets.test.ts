import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { redis } from "@chicory/broker-redis";
import { Chicory, type Logger } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { useSystem } from "./fixture.js";

/** Has characters that URLs escape, so that both ways of writing it are looked for. */
const PASSWORD = "tr0ub4dor&3:pass/word";
const WRONG = "wr0ng&3:pass/word";

const TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory } from "@chicory/core";
export const app = new Chicory();
app.task("note", async (text: string) => appendFile("journal", text + "\\\\n"));
app.task("leak", { retry: { maxRetries: 0 } }, async () => {
  throw new Error("no answer from " + process.env.CHICORY_BROKER_REDIS_URL);
});
`;

/** Every way in which a secret could have been written. */
const spellings = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  encodeURI(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  Buffer.from(secret).toString("hex"),
];

function expectNoSecret(written: string): void {
  for (const secret of [PASSWORD, WRONG].flatMap(spellings)) {
    const at = written.indexOf(secret);
    expect(at < 0 ? "" : `${written.slice(Math.max(0, at - 200), at)}<SECRET>`).toBe("");
  }
}

describe("secrets", () => {
  const system = useSystem({ password: PASSWORD });
  const url = (password: string) =>
    `redis://:${encodeURIComponent(password)}@${system.redis.host}:${system.redis.port}`;
  const env = (password: string) => ({ CHICORY_BROKER_REDIS_URL: url(password) });

  it("would be found in every spelling", () => {
    for (const spelling of spellings(PASSWORD))
      expect(() => expectNoSecret(`a line with ${spelling}`)).toThrow("SECRET");
  });

  it("stand in nothing that the command writes, and in no process's title", async () => {
    await system.write({ "tasks.ts": TASKS });
    const worker = system.start(["worker", "tasks:app", "--workers", "2", "--log-level", "debug"], {
      env: env(PASSWORD),
    });
    const commands = [
      ["send", "tasks:app", "note", "--input", '"hello"', "--log-level", "debug"],
      ["send", "tasks:app", "leak", "--json"],
      ["config", "tasks:app", "--show-origin"],
      ["config", "tasks:app", "--json"],
      ["queues", "tasks:app", "--json"],
      ["dlq", "list", "tasks:app", "--queue", "default", "--json"],
      ["worker", "--help"],
    ];
    let written = "";
    for (const args of commands) {
      const { stdout, stderr } = await system.start(args, { env: env(PASSWORD) }).ended();
      written += stdout + stderr;
    }
    for (const args of commands.filter(([name]) => name !== "config" && name !== "worker").slice(0, 2)) {
      const { code, stdout, stderr } = await system
        .start([...args, "--log-level", "debug"], { env: env(WRONG) })
        .ended();
      expect(code).not.toBe(0);
      written += stdout + stderr;
    }
    await eventually(async () => (await system.lines("journal")).length > 0, { what: "the task to run" });
    await eventually(() => worker.stderr.includes("dead letters"), {
      what: `the leak to be buried:\n${worker.stderr}`,
    });
    written += await readFile(`/proc/${worker.pid}/cmdline`, "utf8").catch(() => "");
    worker.signal("SIGTERM");
    await worker.ended();
    written += worker.stdout + worker.stderr;
    expect(written).toContain("[redacted]");
    expectNoSecret(written);
  });

  it("stand in no error, whatever is looked at of it, and in no log line of the driver", async () => {
    const lines: unknown[] = [];
    const log = (fields: object, message: string) => void lines.push([fields, message]);
    const logger: Logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
    const { host, port } = system.redis;
    const ways = [{ url: url(WRONG) }, { host, port, password: WRONG }, { host, port: 1, password: PASSWORD }];
    for (const options of ways) {
      const app = new Chicory({
        broker: redis({ ...options, connectTimeoutMs: 20_000 }),
        logger,
        publishTimeoutMs: 500,
      });
      const task = app.task("t", async () => undefined);
      for (const fail of [() => app.connect(), () => task.send(), () => app.broker.depth()]) {
        const error = await fail().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(Error);
        lines.push(error);
      }
      await app.close();
    }
    expectNoSecret(inspect(lines, { depth: null, showHidden: true, maxArrayLength: null, maxStringLength: null }));
  });
});
