import { redis } from "@chicory/broker-redis";
import { Chicory, type StoredDeadLetter } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Redis } from "ioredis";
import type { Command } from "../command.js";
import { useSystem } from "./fixture.js";

const TASKS = `
import { appendFile } from "node:fs/promises";
import { Chicory } from "@chicory/core";
import * as v from "valibot";

export const app = new Chicory();

export const add = app.task("add", { input: v.object({ a: v.number(), b: v.number() }) }, async ({ a, b }) =>
  appendFile("journal", \`\${a + b}\\n\`),
);
`;

/** A worker whose patience with unknown tasks is short. */
const ENV = { CHICORY_WORKER_UNKNOWN_TASK_RETRIES: "2", CHICORY_WORKER_UNKNOWN_TASK_DELAY_MS: "50" };

const envelope = (changes: object = {}) =>
  JSON.stringify({ v: 1, id: "by-hand", name: "add", input: { a: 1, b: 2 }, retries: 0, enqueuedAt: 1, ...changes });

describe("bad input", () => {
  const system = useSystem();
  let client: Redis;
  let app: Chicory;
  let worker: Command;

  beforeAll(async () => {
    client = new Redis(system.redis.url, { lazyConnect: false });
    const { CHICORY_BROKER_REDIS_URL: url = "", CHICORY_BROKER_REDIS_KEY_PREFIX: keyPrefix = "" } = system.env;
    app = new Chicory({ broker: redis({ url, keyPrefix }) });
    await system.write({ "tasks.ts": TASKS });
  });
  afterAll(async () => {
    await app?.close();
    client?.disconnect();
  });

  const stream = () => `${system.env.CHICORY_BROKER_REDIS_KEY_PREFIX}:stream:{default}`;
  const put = async (body: string | Buffer) => {
    await client.xadd(stream(), "*", "m", body);
  };
  /** The only dead letter, which is taken away. */
  const buried = async (): Promise<StoredDeadLetter> => {
    const letters = app.broker.deadLetters();
    const letter = await eventually(async () => (await letters.list()).letters[0], {
      what: `a dead letter; the worker wrote:\n${worker.stderr}`,
    });
    await letters.purge();
    return letter;
  };
  /** The worker of the test before still runs where nothing stopped it. */
  const running = () => {
    worker = system.start(["worker", "tasks:app"], { env: ENV });
    return worker;
  };
  const goesOn = async () => {
    const before = (await system.lines("journal")).length;
    await put(envelope());
    await eventually(async () => (await system.lines("journal")).length > before, { what: "an ordinary task to run" });
    expect(worker.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  };

  it.each<[string, string | Buffer, string]>([
    ["no JSON", "{", "undecodable"],
    ["nothing at all", "", "undecodable"],
    ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]), "undecodable"],
    ["another version of the envelope", envelope({ v: 2 }), "undecodable"],
    ["an envelope without a version", envelope({ v: undefined }), "undecodable"],
    ["an envelope without a name", envelope({ name: undefined }), "undecodable"],
    ["an envelope without an id", envelope({ id: undefined }), "undecodable"],
    ["an envelope without its time", envelope({ enqueuedAt: undefined }), "undecodable"],
    ["retries that are no number", envelope({ retries: "0" }), "undecodable"],
    ["an unknown mode", envelope({ mode: "exactly-once" }), "undecodable"],
    ["a key named __proto__", envelope().replace('"a":1', '"__proto__":{"admin":true}'), "undecodable"],
    [
      "an input nested 100,000 deep",
      envelope().replace('"a":1', `"a":${"[".repeat(1e5)}${"]".repeat(1e5)}`),
      "undecodable",
    ],
    ["2 MiB of nonsense", "x".repeat(2 * 1_048_576), "undecodable"],
    ["input that the schema refuses", envelope({ input: { a: "one", b: 2 } }), "invalid-input"],
    ["no input where the schema wants one", envelope({ input: undefined }), "invalid-input"],
    ["2 MiB of input that the schema refuses", envelope({ input: { a: "y".repeat(2 * 1_048_576) } }), "invalid-input"],
    ["an unknown task", envelope({ name: "substract" }), "unknown-task"],
    ["a task named like a property of every object", envelope({ name: "constructor" }), "unknown-task"],
  ])("puts %s into the dead letters, and the worker goes on", async (_, body, reason) => {
    running();
    await put(body);
    const letter = await buried();
    expect(letter.record).toMatchObject({ reason, queue: "default" });
    // The grace of an unknown task leaves a count in the envelope; everything else is kept byte for byte.
    if (reason === "unknown-task") {
      expect(JSON.parse(Buffer.from(letter.body).toString())).toMatchObject(JSON.parse(String(body)) as object);
    } else {
      expect(Buffer.from(letter.body).equals(Buffer.from(body))).toBe(true);
    }
    await goesOn();
  });

  it("puts an entry with the wrong fields into the dead letters, with all that was in it", async () => {
    running();
    await client.xadd(stream(), "*", "task", "add", "a", "1");
    const letter = await buried();
    expect(letter.record.reason).toBe("undecodable");
    expect(JSON.parse(Buffer.from(letter.body).toString())).toEqual({ task: "add", a: "1" });
    await goesOn();
  });

  it("refuses what cannot be sent before anything is stored, in one sentence", async () => {
    const send = (input: string) => system.chicory("send", "tasks:app", "add", "--input", input);
    const [text, wrong, large] = await Promise.all([send("{"), send('{"a":"one"}'), sendLarge()]);
    for (const { code, stdout, stderr } of [text, wrong]) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    }
    expect(wrong.stderr).toContain("a: ");
    expect(large.stdout).toMatch(/^MessageTooLargeError: .*2097\d+ bytes.*maxMessageBytes/);
    expect((await app.broker.depth()).ready).toBe(0);
  });

  async function sendLarge() {
    await system.write({
      "send-large.ts": `
        import { createMessage } from "@chicory/core";
        import { app } from "./tasks.js";
        const input = "x".repeat(2 * 1_048_576);
        await app.broker.publish(createMessage({ name: "add", input })).catch((error) => console.log(String(error)));
        await app.close();`,
    });
    return system.node("send-large.ts");
  }
});
