import { AccessError, DeliveryMode } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Fixture, receive, textOf, until } from "./fixture.js";
import { rejection } from "./rejection.js";
import { addUser, type Role } from "./rights.js";

describe("the driver as a user with few rights", () => {
  let server: RabbitmqServer;
  let fixture: Fixture;
  beforeAll(async () => {
    server = await startRabbitmq({ ownServer: true });
    fixture = new Fixture(server);
    for (const role of ["operator", "producer", "worker"] as const) await addUser(server, role, fixture.prefix);
    // What an operator does once: everything that the other two use is there.
    const operator = as("operator", "declare");
    await (await operator.consume(fixture.queue, { worker: "operator", credits: 1 })).close();
    const later = { notBefore: Date.now() + 1_100 };
    await operator.publish([fixture.message("a", later), fixture.message("b", { ...later, mode: AMO })]);
    await until("both", async () => (await operator.admin.depth(fixture.queue)).ready === 2);
    await operator.admin.purge(fixture.queue);
  }, 600_000);
  afterAll(async () => {
    await fixture.close();
    await server.stop();
  });

  const AMO = DeliveryMode.AT_MOST_ONCE;
  const as = (role: Role, topology: "declare" | "none" = "none") =>
    fixture.driver({ username: role, password: role, topology });

  it("publishes in every way as a producer that may do nothing else", async () => {
    const producer = as("producer");
    const soon = { notBefore: Date.now() + 1_200 };
    await producer.publish([fixture.message("now"), fixture.message("later", soon)]);
    await producer.publish([
      fixture.message("once", { mode: AMO }),
      fixture.message("once later", { ...soon, mode: AMO }),
    ]);
    const worker = as("worker");
    const consumer = await fixture.consumer(worker);
    const deliveries = await receive(consumer, 4);
    await consumer.settle(deliveries.map((delivery) => ({ kind: "ack", delivery })));
    expect(deliveries.map(textOf).sort()).toEqual(["later", "now", "once", "once later"]);
    await consumer.close();
  });

  it("does everything that a worker does with the worker's permissions", async () => {
    const worker = as("worker");
    const consumer = await fixture.consumer(worker);
    await as("producer").publish(fixture.batch(4));
    const [first, second, third, fourth] = await receive(consumer, 4);
    if (!first || !second || !third || !fourth) throw new Error("four were received");
    const record = { reason: "rejected", queue: fixture.queue, failedAt: 1, attempts: 1, deliveryCount: 1 } as const;
    const settled = await consumer.settle([
      { kind: "ack", delivery: first },
      { kind: "requeue", delivery: second },
      { kind: "retry", delivery: third, replacement: fixture.message("again", { notBefore: Date.now() + 1_100 }) },
      { kind: "deadLetter", delivery: fourth, letter: { body: fourth.body, record } },
    ]);
    expect(settled).toEqual({ lost: [] });
    expect((await receive(consumer, 2)).map(textOf).sort()).toEqual(["again", textOf(second)]);
    await consumer.close();
    const operator = as("operator", "declare");
    await until("the letter", async () => (await operator.admin.depth(fixture.queue)).deadLetters === 1);
    expect(
      (await operator.admin.browseDeadLetters(fixture.queue)).letters.map(({ body }) => String(body)),
    ).toHaveLength(1);
  });

  it.each(["producer", "worker"] as const)("lets a %s declare nothing, and read no dead letters", async (role) => {
    const error = await rejection(as(role, "declare").consume("another", { worker: "w", credits: 1 }));
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain("rabbitmqctl set_permissions");
    expect(await rejection(as(role).admin.browseDeadLetters(fixture.queue))).toBeInstanceOf(AccessError);
  });
});
