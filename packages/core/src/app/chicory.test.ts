import { afterEach, describe, expect, it } from "@jest/globals";
import * as v from "valibot";
import { FakeDriver, gate } from "../../test/fake-driver.js";
import { project } from "../../test/projects.js";
import { ClosedError, ConnectionError } from "../errors/broker-error.js";
import { ConfigError } from "../errors/config-error.js";
import { InvalidInputError, MessageTooLargeError, NotSerializableError } from "../errors/message-errors.js";
import { PublishError } from "../errors/publish-error.js";
import { silentLogger } from "../logging/logger.js";
import { decodeEnvelope } from "../wire/decode.js";
import { createMessage } from "../wire/message.js";
import { Chicory } from "./chicory.js";

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const remove of cleanup.splice(0)) remove();
});

function appWith(driver = new FakeDriver(), more: object = {}) {
  return { driver, app: new Chicory({ broker: driver, ...more }) };
}

const sent = (driver: FakeDriver) => driver.batches.flat();
const envelopes = (driver: FakeDriver) => sent(driver).map(({ body }) => decodeEnvelope(Buffer.from(body)));

describe("sending", () => {
  it("publishes what the task's definition says and resolves with id and queue", async () => {
    const { app, driver } = appWith();
    const task = app.task("t", { queue: "emails", priority: 5 }, async (_: { to: string }) => undefined);
    const result = await task.send({ to: "a" });
    expect(sent(driver)).toMatchObject([{ id: result.id, queue: "emails", priority: 5, mode: "at-least-once" }]);
    expect(envelopes(driver)).toMatchObject([
      { v: 1, id: result.id, name: "t", input: { to: "a" }, retries: 0, priority: 5, mode: "at-least-once" },
    ]);
    expect(result.queue).toBe("emails");
  });

  it("lets a send say otherwise", async () => {
    const { app, driver } = appWith();
    const task = app.task("t", async (_: number) => undefined);
    const eta = new Date(2_000_000_000_000);
    await task.send(1, { queue: "high", priority: 9, eta, id: "mine", dedupeMs: 500, headers: { trace: "x" } });
    expect(sent(driver)).toMatchObject([
      { id: "mine", queue: "high", priority: 9, notBefore: 2_000_000_000_000, dedupeMs: 500 },
    ]);
    expect(envelopes(driver)).toMatchObject([{ id: "mine", eta: 2_000_000_000_000, headers: { trace: "x" } }]);
  });

  it("turns a delay into a time", async () => {
    const { app, driver } = appWith();
    const before = Date.now();
    await app.task("t", async () => undefined).send(undefined, { delayMs: 60_000 });
    expect(sent(driver)[0]?.notBefore).toBeGreaterThanOrEqual(before + 60_000);
    expect(sent(driver)[0]?.notBefore).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it("sends what was passed, not the schema's output, so that the worker can run the schema again", async () => {
    const { app, driver } = appWith();
    const schema = v.object({ n: v.pipe(v.string(), v.transform(Number)) });
    await app.task("t", { input: schema }, async ({ n }) => n).send({ n: "5" });
    expect(envelopes(driver)).toMatchObject([{ input: { n: "5" } }]);
  });

  it("validates before anything is sent, and shows paths but no values", async () => {
    const { app, driver } = appWith();
    const schema = v.object({ list: v.array(v.object({ to: v.pipe(v.string(), v.email()) })) });
    const task = app.task("t", { input: schema }, async () => undefined);
    const error = await task.send({ list: [{ to: "hunter2" }] }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({ issues: [{ path: "list[0].to" }] });
    expect(String(error)).not.toContain("hunter2");
    expect(driver.batches).toEqual([]);
  });

  it("sends a batch as one, and nothing of it if one input is not acceptable", async () => {
    const { app, driver } = appWith();
    const task = app.task("t", { input: v.number() }, async () => undefined);
    expect(await task.sendMany([1, 2, 3])).toHaveLength(3);
    await expect(task.sendMany([4, Number.NaN])).rejects.toBeInstanceOf(InvalidInputError);
    expect(driver.batches.map((batch) => batch.length)).toEqual([3]);
    expect(await task.sendMany([])).toEqual([]);
  });

  it("gives each message of a batch an id of its own, and all what the send says", async () => {
    const { app, driver } = appWith();
    const task = app.task("t", { priority: 3 }, async (_: number) => undefined);
    const eta = new Date(2_000_000_000_000);
    const results = await task.sendMany([1, 2], { queue: "high", eta, headers: { trace: "x" } });
    const shared = { name: "t", retries: 0, mode: "at-least-once", priority: 3, eta: eta.getTime() };
    expect(new Set(results.map(({ id }) => id)).size).toBe(2);
    expect(results.map(({ queue }) => queue)).toEqual(["high", "high"]);
    expect(sent(driver)).toMatchObject(
      results.map(({ id }) => ({ id, queue: "high", priority: 3, notBefore: eta.getTime() })),
    );
    expect(envelopes(driver)).toMatchObject(
      results.map(({ id }, at) => ({ ...shared, id, input: at + 1, headers: { trace: "x" } })),
    );
  });

  it("takes the inputs of a batch as they are when it is called, and sends none if one cannot be encoded", async () => {
    const { app, driver } = appWith(new FakeDriver(), { maxMessageBytes: 2_000 });
    const task = app.task("t", async (_: unknown) => undefined);
    const inputs = [{ n: 1 }, { n: 2 }];
    const sending = task.sendMany(inputs);
    for (const input of inputs) input.n = 0;
    await sending;
    expect(envelopes(driver)).toMatchObject([{ input: { n: 1 } }, { input: { n: 2 } }]);
    await expect(task.sendMany([1, 1n])).rejects.toBeInstanceOf(NotSerializableError);
    await expect(task.sendMany([1, "x".repeat(2_000)])).rejects.toBeInstanceOf(MessageTooLargeError);
    await expect(task.sendMany([1], { queue: "a b" })).rejects.toThrow("queue name");
    expect(driver.batches).toHaveLength(1);
  });

  it("refuses what JSON cannot carry, and what is too large", async () => {
    const { app, driver } = appWith(new FakeDriver(), { maxMessageBytes: 2_000 });
    const task = app.task("t", async (_: unknown) => undefined);
    await expect(task.send({ n: 1n })).rejects.toBeInstanceOf(NotSerializableError);
    await expect(task.send("x".repeat(2_000))).rejects.toBeInstanceOf(MessageTooLargeError);
    expect(driver.batches).toEqual([]);
  });

  it.each<[object, string]>([
    [{ delayMs: -1 }, "delayMs"],
    [{ delayMs: Number.NaN }, "delayMs"],
    [{ delayMs: 1, eta: new Date() }, "both delayMs and eta"],
    [{ eta: new Date(Number.NaN) }, "eta"],
    [{ queue: "a b" }, "queue name"],
    [{ priority: 10 }, "priority"],
    [{ dedupeMs: 5 }, "needs an id"],
    [{ id: "x", dedupeMs: 0 }, "dedupeMs"],
    [{ id: "" }, "id"],
    [{ headers: { a: 5 } }, "headers"],
    [{ headers: JSON.parse('{"__proto__":"x"}') }, "headers"],
    [{ eta: "2030-01-01" }, "eta"],
    [{ eta: null }, "eta"],
    [{ queue: {} }, "queue name"],
  ])("refuses the send options %j", async (options, message) => {
    const { app, driver } = appWith();
    const sending = app.task("t", async () => undefined).send(undefined, options);
    await expect(sending).rejects.toThrow(message);
    await expect(sending).rejects.toBeInstanceOf(ConfigError);
    expect(driver.batches).toEqual([]);
  });

  it("publishes messages made by hand to any queue", async () => {
    const { app, driver } = appWith();
    await app.broker.publish(createMessage({ name: "elsewhere.task", input: [1] }), { queue: "high-priority" });
    expect(sent(driver)).toMatchObject([{ queue: "high-priority" }]);
  });

  it("says of a failed send whether it may be stored", async () => {
    const cause = new ConnectionError("gone");
    const { app } = appWith(
      new FakeDriver((messages) => {
        throw new PublishError(messages.map((message) => ({ message, outcome: "unknown", cause })));
      }),
    );
    const task = app.task("t", { deliveryMode: "at-most-once" }, async () => undefined);
    await expect(task.send()).rejects.toMatchObject({ name: "PublishError", outcome: "unknown" });
  });
});

describe("the app", () => {
  it("connects to nothing before it must", async () => {
    const { app, driver } = appWith();
    app.task("t", async () => undefined);
    expect(driver.connects).toBe(0);
    await app.connect();
    expect(driver.connects).toBe(1);
  });

  it("refuses a second task of the same name", () => {
    const { app } = appWith();
    app.task("t", async () => undefined);
    expect(() => app.task("t", async () => undefined)).toThrow('Task "t" is defined twice');
  });

  it("gives tasks its own delivery mode", async () => {
    const { app, driver } = appWith(new FakeDriver(), { deliveryMode: "at-most-once" });
    await app.task("t", async () => undefined).send();
    expect(sent(driver)).toMatchObject([{ mode: "at-most-once" }]);
  });

  it("settles sends under way when it closes, and refuses later ones", async () => {
    const stored = gate();
    const { app, driver } = appWith(new FakeDriver(() => stored.opened));
    const task = app.task("t", async () => undefined);
    const sending = task.send();
    await new Promise(setImmediate);
    const closing = app.close();
    stored.open();
    await expect(sending).resolves.toMatchObject({ queue: "default" });
    await closing;
    await app.close();
    expect(driver.closes).toBe(1);
    await expect(task.send()).rejects.toBeInstanceOf(ClosedError);
  });

  it("stores sends that wait for the one before them when it closes", async () => {
    const stored = gate();
    const { app, driver } = appWith(new FakeDriver(() => stored.opened));
    const task = app.task("t", async () => undefined);
    const sends = [task.send()];
    await new Promise(setImmediate);
    sends.push(task.send());
    const closing = app.close();
    stored.open();
    await Promise.all([...sends, closing]);
    expect(driver.batches.flat()).toHaveLength(2);
  });

  it("closes without ever having opened its broker", async () => {
    await expect(new Chicory().close()).resolves.toBeUndefined();
  });

  it("refuses config for a driver that was passed ready-made, instead of ignoring it", async () => {
    const { app } = appWith(new FakeDriver(), { config: { broker: { fake: { host: "x" } } } });
    await expect(app.connect()).rejects.toThrow("config.broker.fake, which would be ignored");
  });
});

describe("a broker chosen by name", () => {
  const brokerPackage = (name: string, entry: string) => ({
    [`node_modules/${name}/package.json`]: { name, type: "module", exports: { ".": { default: "./index.js" } } },
    [`node_modules/${name}/index.js`]: entry,
  });
  const working = `
    const text = { kind: "schema", type: "string", reference: () => {}, expects: "string", async: false,
      "~run": (dataset) => ({ ...dataset, typed: true }) };
    export const brokerName = "acme";
    export const configSchema = { kind: "schema", entries: { host: { ...text } } };
    export const createDriver = (config) => ({ name: "acme", config });`;

  function within(files: Record<string, string | object>) {
    const { path, remove } = project({ "package.json": {}, ...files });
    const before = process.cwd();
    process.chdir(path);
    cleanup.push(() => {
      process.chdir(before);
      remove();
    });
  }

  it("is imported from the project, with config from object and environment", async () => {
    within(brokerPackage("acme-broker", working));
    const app = new Chicory({ broker: "acme-broker", config: { broker: { acme: { host: "h" } } } });
    expect(await app.broker.driver()).toMatchObject({ name: "acme", config: { host: "h" } });
    expect(await app.describeConfig()).toContainEqual(
      expect.objectContaining({
        path: "broker.acme.host",
        variable: "CHICORY_BROKER_ACME_HOST",
        value: "h",
        origin: "config",
      }),
    );
  });

  it("says what to install if the package is missing", async () => {
    within({});
    await expect(new Chicory({ broker: "no-such-broker" }).connect()).rejects.toThrow(
      'The broker package "no-such-broker", chosen by the broker option of the app, is not installed: run npm install no-such-broker',
    );
  });

  it("says what is missing in a package that is no broker", async () => {
    within(brokerPackage("no-broker", "export const hello = 1;"));
    await expect(new Chicory({ broker: "no-broker" }).connect()).rejects.toThrow(
      "must export brokerName, configSchema and createDriver",
    );
  });

  it("does not call a package that fails to load not installed", async () => {
    within(brokerPackage("bad-broker", 'throw new Error("bad start");'));
    const failure = new Chicory({ broker: "bad-broker" }).connect();
    await expect(failure).rejects.toMatchObject({ name: "ConfigError", cause: { message: "bad start" } });
  });

  it("asks again after a failure", async () => {
    within({});
    const app = new Chicory({ broker: "late-broker" });
    await expect(app.broker.driver()).rejects.toBeInstanceOf(ConfigError);
    const later = project({});
    cleanup.push(later.remove);
    await expect(app.broker.driver()).rejects.toBeInstanceOf(ConfigError);
  });
});

describe("the logger", () => {
  const logger = () => ({ ...silentLogger, child: () => silentLogger });

  it("can be given to an app that has none", () => {
    const late = logger();
    const app = new Chicory({ broker: new FakeDriver() });
    expect(app.useLogger(late).logger).toBe(late);
  });

  it("stays if the app has one of its own", () => {
    const own = logger();
    const app = new Chicory({ broker: new FakeDriver(), logger: own });
    expect(app.useLogger(logger()).logger).toBe(own);
  });
});
