import { AccessError, Chicory, createMessage, PublishError } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { DEADLINE_MS, Fixture, receive, receiveOne, textOf, until } from "./fixture.js";
import { rejection } from "./rejection.js";

/** More than a frame holds, less than a message may have. */
const SEVERAL_FRAMES = 700_000;

let server: RabbitmqServer;
let fixture: Fixture;

beforeAll(async () => {
  server = await startRabbitmq({ config: ["max_message_size = 1000000"] });
}, 200_000);
afterAll(() => server.stop());
beforeEach(() => {
  fixture = new Fixture(server);
});
afterEach(() => fixture.close());

describe("a large message", () => {
  it("is sent in several frames, and arrives byte for byte among its neighbours", async () => {
    const driver = fixture.driver();
    const body = Buffer.from(Array.from({ length: SEVERAL_FRAMES }, (_, index) => (index * 31) % 251));
    const large = fixture.message("", { body });
    await driver.publish([fixture.message("before"), large, fixture.message("after")]);
    const [before, middle, after] = await receive(await fixture.consumer(driver), 3);
    expect([before, after].map((delivery) => textOf(delivery!))).toEqual(["before", "after"]);
    expect(Buffer.from(middle!.body).equals(body)).toBe(true);
  });

  it("that the server does not take is refused with both sizes, and none of its neighbours is lost", async () => {
    const driver = fixture.driver();
    const app = new Chicory({ broker: driver, maxMessageBytes: 5_000_000, publishTimeoutMs: DEADLINE_MS });
    const send = (input: unknown) => app.broker.publish(createMessage({ name: "t", input }), { queue: fixture.queue });
    const large = "x".repeat(1_200_000);
    const neighbours = Array.from({ length: 40 }, (_, index) => send(index));
    const refused = Promise.all([rejection(send(large)), rejection(send(large))]);
    neighbours.push(...Array.from({ length: 40 }, (_, index) => send(40 + index)));
    for (const error of await refused) {
      expect(error).toBeInstanceOf(PublishError);
      expect(error).toMatchObject({ outcome: "rejected", cause: { retryable: false } });
      expect(error.message).toMatch(
        /1200\d\d\d bytes is larger than the 1000000 that RabbitMQ takes.*max_message_size/,
      );
    }
    await Promise.all(neighbours);
    const seen = new Set<unknown>();
    const consumer = await fixture.consumer(driver);
    while (seen.size < 80) {
      const delivery = await receiveOne(consumer);
      seen.add(JSON.parse(textOf(delivery)).input);
      await consumer.settle([{ kind: "ack", delivery }]);
    }
    expect([...seen].every((input) => typeof input === "number")).toBe(true);
    // From now on it is known, and ends no channel any more.
    const known = await rejection(driver.publish([fixture.message(large)]));
    expect(known).toMatchObject({ outcome: "rejected", cause: { retryable: false } });
  });
});

describe("permissions that are taken away while everything runs", () => {
  it("are named by senders and workers, which do not spin, and go on once they are given back", async () => {
    const user = `${fixture.prefix}-user`;
    const permit = (what: string) => server.ctl("set_permissions", user, what, what, what);
    await server.ctl("add_user", user, "secret");
    await permit(".*");
    const driver = fixture.driver({ username: user, password: "secret" });
    await driver.publish([fixture.message("before")]);
    const consumer = await fixture.consumer(driver);
    const held = await receiveOne(consumer);
    await permit("^$");
    const revokedAt = performance.now();
    // A server remembers for a channel what it permitted; a new one asks again.
    await server.ctl("close_all_user_connections", user, "revoked");
    const denied = await until("the worker to be told", async () => {
      const error = await rejection(receive(consumer, 1));
      return error instanceof AccessError ? error : undefined;
    });
    expect(denied.message).toMatch(/does not permit this user to .*set_permissions/);
    await until("the sender to be told", async () => {
      const error = await rejection(driver.publish([fixture.message("denied")]));
      return error instanceof PublishError && error.outcome === "rejected" && error.cause instanceof AccessError;
    });
    // Pauses grow from 50 ms to seconds: some attempts at once, and then fewer than two in a second.
    const seconds = (performance.now() - revokedAt) / 1_000;
    expect(fixture.warnings.length).toBeLessThan(20 + 2 * seconds);
    await permit(".*");
    await until("the sender to go on", () =>
      driver.publish([fixture.message("after")]).then(
        () => true,
        () => false,
      ),
    );
    const texts = new Set<string>();
    await until("the worker to go on", async () => {
      for (const delivery of await consumer.receive(10, AbortSignal.timeout(2_000)).catch(() => [])) {
        texts.add(textOf(delivery));
      }
      return texts.has("before") && texts.has("after");
    });
    expect((await consumer.settle([{ kind: "ack", delivery: held }])).lost).toEqual([held]);
  }, 300_000);
});

describe("a virtual host that is deleted while everything runs", () => {
  it("is named by senders and workers, which go on once there is one again", async () => {
    const vhost = `vhost-${fixture.prefix}`;
    const make = async () => {
      await server.ctl("add_vhost", vhost);
      await server.ctl("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*");
    };
    await make();
    const driver = fixture.driver({ vhost });
    await driver.publish([fixture.message("gone with it")]);
    const consumer = await fixture.consumer(driver);
    await receiveOne(consumer);
    await server.ctl("delete_vhost", vhost);
    const denied = await until("the worker to be told", async () => {
      const error = await rejection(receive(consumer, 1));
      return error instanceof AccessError ? error : undefined;
    });
    expect(denied.message).toContain(`into virtual host "${vhost}": create it (rabbitmqctl add_vhost)`);
    await until("the sender to be told", async () => {
      const error = await rejection(driver.publish([fixture.message("x")]));
      return error instanceof PublishError && error.outcome === "rejected" && error.cause instanceof AccessError;
    });
    await make();
    await until("the sender to go on", () =>
      driver.publish([fixture.message("after")]).then(
        () => true,
        () => false,
      ),
    );
    const [delivery] = await until("the worker to go on", async () => {
      const deliveries = await consumer.receive(1, AbortSignal.timeout(2_000)).catch(() => []);
      return deliveries.length > 0 ? deliveries : undefined;
    });
    expect(textOf(delivery!)).toBe("after");
  }, 300_000);
});
