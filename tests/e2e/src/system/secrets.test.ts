import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { rabbitmq } from "@chicory/broker-rabbitmq";
import { redis } from "@chicory/broker-redis";
import { type BrokerDriver, Chicory, type Logger } from "@chicory/core";
import { eventually, type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
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
  throw new Error("no answer from " + process.env.CHICORY_BROKER_URL_IN_USE);
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

/** A server whose user has the password, and the ways to reach it with that and with another one. */
interface Place {
  /** What a user sets who has this password. */
  env(password: string): Readonly<Record<string, string>>;
  /** Drivers that are refused, one for each way in which a password can be given, and one that reaches nobody. */
  refused(): readonly BrokerDriver[];
}

const TIMEOUT = { connectTimeoutMs: 20_000 } as const;

it("secrets would be found in every spelling", () => {
  for (const spelling of spellings(PASSWORD)) expect(() => expectNoSecret(`a line with ${spelling}`)).toThrow("SECRET");
});

describe.each(["redis", "rabbitmq"] as const)("secrets on %s", (broker) => {
  const system = useSystem({ password: PASSWORD });
  let server: RabbitmqServer | undefined;
  let place: Place;
  beforeAll(async () => {
    if (broker === "rabbitmq") {
      server = await startRabbitmq({ ownServer: true });
      await server.ctl("change_password", "guest", PASSWORD);
    }
    place = server === undefined ? redisPlace(system.redis) : rabbitmqPlace(server);
  }, 600_000);
  afterAll(() => server?.stop());
  const env = (password: string) => place.env(password);

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
    for (const driver of place.refused()) {
      const app = new Chicory({ broker: driver, logger, publishTimeoutMs: 500 });
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

function redisPlace({ host, port }: { readonly host: string; readonly port: number }): Place {
  const url = (password: string) => `redis://:${encodeURIComponent(password)}@${host}:${port}`;
  return {
    env: (password) => ({ CHICORY_BROKER_REDIS_URL: url(password), CHICORY_BROKER_URL_IN_USE: url(password) }),
    refused: () => [
      redis({ url: url(WRONG), ...TIMEOUT }),
      redis({ host, port, password: WRONG, ...TIMEOUT }),
      redis({ host, port: 1, password: PASSWORD, ...TIMEOUT }),
    ],
  };
}

function rabbitmqPlace({ host, port }: { readonly host: string; readonly port: number }): Place {
  const url = (password: string) => `amqp://guest:${encodeURIComponent(password)}@${host}:${port}`;
  return {
    env: (password) => ({
      CHICORY_BROKER: "rabbitmq",
      CHICORY_BROKER_RABBITMQ_URL: url(password),
      CHICORY_BROKER_URL_IN_USE: url(password),
    }),
    refused: () => [
      rabbitmq({ url: url(WRONG), ...TIMEOUT }),
      rabbitmq({ host, port, password: WRONG, ...TIMEOUT }),
      rabbitmq({ host, port: 1, password: PASSWORD, ...TIMEOUT }),
    ],
  };
}
