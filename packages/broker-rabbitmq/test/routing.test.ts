import { Chicory, createMessage, PublishError, UnsupportedError } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { RabbitmqOptions } from "../src/config.js";
import { Fixture, receiveOne } from "./fixture.js";
import { rejection } from "./rejection.js";

let server: RabbitmqServer;
let fixture: Fixture;

beforeAll(async () => {
  server = await startRabbitmq({ ownServer: true });
}, 200_000);
afterAll(() => server.stop());
beforeEach(() => {
  fixture = new Fixture(server);
});
afterEach(() => fixture.close());

/** An app whose queues are bound as the options say, and are there. */
async function appWith(queues: NonNullable<RabbitmqOptions["queues"]>) {
  const driver = fixture.driver({ queues });
  const consumers = await Promise.all(
    Object.keys(queues).map((queue) => driver.consume(queue, { worker: "tester", credits: 10 })),
  );
  return { app: new Chicory({ broker: driver }), driver, consumers };
}

const nameOf = (body: Uint8Array): unknown => JSON.parse(Buffer.from(body).toString()).name;

describe("publishing to an exchange", () => {
  it("brings one message to every queue whose pattern takes it", async () => {
    const exchange = `${fixture.prefix}.events`;
    const { app, driver, consumers } = await appWith({
      billing: { bindings: [{ exchange, type: "topic", routingKey: "order.*" }] },
      audit: { bindings: [{ exchange, type: "topic", routingKey: "#" }] },
    });
    await app.broker.publish(createMessage({ name: "order.created" }), { exchange, routingKey: "order.created" });
    const bodies = await Promise.all(consumers.map(async (consumer) => (await receiveOne(consumer)).body));
    expect(bodies.map(nameOf)).toEqual(["order.created", "order.created"]);
    await app.broker.publish(createMessage({ name: "user.created" }), { exchange, routingKey: "user.created" });
    expect(nameOf((await receiveOne(consumers[1]!)).body)).toBe("user.created");
    expect((await driver.admin.depth("billing")).ready).toBe(0);
  });

  it("chooses by headers where the exchange does", async () => {
    const exchange = `${fixture.prefix}.by-headers`;
    const { app, driver, consumers } = await appWith({
      gold: { bindings: [{ exchange, type: "headers", headers: { "x-match": "all", tier: "gold", region: "eu" } }] },
      all: { bindings: [{ exchange, type: "headers", headers: { "x-match": "any", region: "eu" } }] },
    });
    const message = createMessage({ name: "t" });
    await app.broker.publish(message, { exchange, routingHeaders: { tier: "silver", region: "eu" } });
    await receiveOne(consumers[1]!);
    expect((await driver.admin.depth("gold")).ready).toBe(0);
    await app.broker.publish(message, { exchange, routingHeaders: { tier: "gold", region: "eu" } });
    await receiveOne(consumers[0]!);
  });

  it("is an error when no binding takes it, and when there is no such exchange", async () => {
    const exchange = `${fixture.prefix}.events`;
    const driver = fixture.driver({
      commandTimeoutMs: 2_000,
      queues: { billing: { bindings: [{ exchange, type: "topic", routingKey: "order.*" }] } },
    });
    await driver.consume("billing", { worker: "tester", credits: 1 });
    const app = new Chicory({ broker: driver, publishTimeoutMs: 1_000 });
    const unbound = await rejection(app.broker.publish(createMessage({ name: "t" }), { exchange, routingKey: "user" }));
    expect(unbound).toBeInstanceOf(PublishError);
    expect(unbound).toMatchObject({ outcome: "rejected" });
    expect(unbound.message).toMatch(/exchange ".*events" with routing key "user": bind a queue to it/);
    const missing = await rejection(app.broker.publish(createMessage({ name: "t" }), { exchange: "nowhere" }));
    expect(missing.message).toMatch(/no exchange 'nowhere'/);
  });

  it("needs an exchange that exists where a binding does not say its type", async () => {
    const exchange = `${fixture.prefix}.foreign`;
    const driver = fixture.driver({ queues: { work: { bindings: [{ exchange, routingKey: "a" }] } } });
    const error = await rejection(fixture.consumer(driver));
    expect(error.message).toMatch(/bind queue ".*work" to exchange ".*foreign".*no exchange/);
    await (await fixture.channel()).exchangeDeclare({ exchange, type: "direct", durable: true });
    await fixture.consumer(driver);
  });

  it("is refused where a name or a header cannot be sent as it is, and its neighbours are stored", async () => {
    const exchange = `${fixture.prefix}.by-headers`;
    const { app, driver } = await appWith({ all: { bindings: [{ exchange, type: "headers", headers: { a: 1 } }] } });
    const message = createMessage({ name: "t" });
    const bad = [
      { exchange, routingHeaders: { a: Number.NaN } },
      { exchange, routingHeaders: { ["é".repeat(200)]: 1 } },
      { exchange, routingHeaders: { CC: "elsewhere" } },
      { exchange, routingKey: "k".repeat(256) },
      { exchange: "e".repeat(300) },
    ];
    const good = Array.from({ length: 5 }, () => app.broker.publish(message, { exchange, routingHeaders: { a: 1 } }));
    const errors = await Promise.all(bad.map((options) => rejection(app.broker.publish(message, options))));
    for (const error of errors)
      expect(error).toMatchObject({ outcome: "rejected", cause: expect.any(UnsupportedError) });
    await Promise.all(good);
    expect((await driver.admin.depth("all")).ready).toBe(5);
  });

  it("brings one message to each queue of a fanout exchange, whatever its key", async () => {
    const exchange = `${fixture.prefix}.all`;
    const bindings = [{ exchange, type: "fanout" as const }];
    const { app, consumers } = await appWith({ one: { bindings }, two: { bindings }, three: { bindings } });
    await app.broker.publish(createMessage({ name: "news" }), { exchange, routingKey: "ignored" });
    const deliveries = await Promise.all(consumers.map((consumer) => receiveOne(consumer)));
    expect(deliveries.map(({ body }) => nameOf(body))).toEqual(["news", "news", "news"]);
    // Each copy is settled by itself.
    await consumers[0]!.settle([{ kind: "ack", delivery: deliveries[0]! }]);
    await consumers[1]!.settle([{ kind: "requeue", delivery: deliveries[1]! }]);
    expect(nameOf((await receiveOne(consumers[1]!)).body)).toBe("news");
  });
});
