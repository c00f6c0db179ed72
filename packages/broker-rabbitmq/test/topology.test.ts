import { AccessError, ConfigError, ConnectionError, type OutgoingMessage, UnsupportedError } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Fixture, publishFailure, receive, receiveOne, textOf } from "./fixture.js";
import { freePort, rejection } from "./rejection.js";

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

describe("a queue that exists with other arguments", () => {
  it("is an error that names each of them, for producers and for workers", async () => {
    const queue = fixture.names.queue(fixture.queue);
    const channel = await fixture.channel();
    await channel.queueDeclare({ queue, durable: true, arguments: { "x-queue-type": "classic", "x-max-length": 7 } });
    const driver = fixture.driver();
    const { cause } = await publishFailure(driver, [fixture.message("x")]);
    expect(cause).toBeInstanceOf(ConfigError);
    const text = String(cause);
    expect(text).toContain(queue);
    expect(text).toContain('x-queue-type is "classic" and should be "quorum"');
    expect(text).toContain("x-max-length is 7 and should be not set");
    expect(text).toContain('x-dead-letter-exchange is not set and should be ""');
    const consuming = await rejection(fixture.consumer(driver));
    expect(String(consuming)).toBe(text);
  });

  it("is left as it is where topology is none", async () => {
    const queue = fixture.names.queue(fixture.queue);
    await (await fixture.channel()).queueDeclare({ queue, durable: true, arguments: { "x-max-length": 7 } });
    const driver = fixture.driver({ topology: "none" });
    await driver.publish([fixture.message("as it is")]);
    expect(textOf(await receiveOne(await fixture.consumer(driver)))).toBe("as it is");
  });
});

describe("topology verify", () => {
  it("declares nothing, and says what to declare", async () => {
    const { cause } = await publishFailure(fixture.driver({ topology: "verify" }), [fixture.message("x")]);
    expect(cause).toBeInstanceOf(ConfigError);
    expect(String(cause)).toContain(fixture.names.queue(fixture.queue));
    expect(String(cause)).toContain('"x-queue-type":"quorum"');
    const looking = (await fixture.channel()).queueDeclare({
      queue: fixture.names.queue(fixture.queue),
      passive: true,
    });
    expect(await rejection(looking)).toMatchObject({ code: "NOT_FOUND" });
  });

  it("works with what another driver declared, delays included", async () => {
    await fixture.driver().publish([fixture.message("declared", { notBefore: Date.now() + 1_100 })]);
    const driver = fixture.driver({ topology: "verify" });
    const consumer = await fixture.consumer(driver);
    expect(textOf(await receiveOne(consumer))).toBe("declared");
    await driver.publish([fixture.message("verified", { notBefore: Date.now() + 1_100 })]);
    expect(textOf(await receiveOne(consumer))).toBe("verified");
  });

  it("is enough for a user who may not declare anything", async () => {
    await fixture.driver().publish([fixture.message("declared")]);
    await server.ctl("add_user", `${fixture.prefix}-reader`, "secret");
    await server.ctl("set_permissions", `${fixture.prefix}-reader`, "^$", ".*", ".*");
    const login = { username: `${fixture.prefix}-reader`, password: "secret" };
    const consumer = await fixture.consumer(fixture.driver({ ...login, topology: "verify" }));
    expect(textOf(await receiveOne(consumer))).toBe("declared");
    const { cause } = await publishFailure(fixture.driver(login), [fixture.message("x", { queue: "new" })]);
    expect(cause).toBeInstanceOf(AccessError);
    expect(String(cause)).toMatch(/does not permit.*declare queue/);
  });
});

describe("a server that does not let the driver in", () => {
  it("is named with the login that it refused, and the password is not shown", async () => {
    const error = await rejection(fixture.driver({ password: "s3cr3t-wrong" }).connect());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toMatch(/refused the login of user "guest"/);
    expect(`${error.message} ${String(error.cause)}`).not.toMatch(/s3cr3t/);
  });

  it("is named with the virtual host that does not exist", async () => {
    const error = await rejection(fixture.driver({ vhost: "tenant-x" }).connect());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toMatch(/virtual host "tenant-x".*add_vhost/);
  });

  it("is named with its address when nobody listens there", async () => {
    const port = await freePort();
    const error = await rejection(fixture.driver({ port }).connect());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toMatch(new RegExp(`127.0.0.1:${port}.*ECONNREFUSED`));
  });
});

describe("several hosts", () => {
  it("are tried until one answers", async () => {
    const dead = await freePort();
    for (let round = 0; round < 4; round += 1) {
      const driver = fixture.driver({ hosts: [`127.0.0.1:${dead}`, `127.0.0.1:${server.port}`] });
      await driver.publish([fixture.message(`round ${round}`)]);
    }
    expect((await fixture.driver().admin.depth(fixture.queue)).ready).toBe(4);
  });
});

describe("virtual hosts", () => {
  it("keep tenants apart", async () => {
    const vhost = `tenant-${fixture.prefix}`;
    await server.ctl("add_vhost", vhost);
    await server.ctl("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*");
    const tenant = fixture.driver({ vhost });
    await tenant.publish([fixture.message("of the tenant")]);
    expect((await fixture.driver().admin.depth(fixture.queue)).ready).toBe(0);
    expect((await tenant.admin.depth(fixture.queue)).ready).toBe(1);
    expect(await fixture.driver().admin.queues()).toEqual([]);
  });
});

describe("what a queue is not made for", () => {
  it("is refused with the option that makes it so", async () => {
    const { cause } = await publishFailure(fixture.driver(), [fixture.message("x", { priority: 5 })]);
    expect(cause).toBeInstanceOf(UnsupportedError);
    expect(String(cause)).toContain("CHICORY_BROKER_RABBITMQ_MAX_PRIORITY");
  });

  it("does not hold for another queue that is made for it", async () => {
    const driver = fixture.driver({ queues: { urgent: { maxPriority: 9 } } });
    await driver.publish([
      fixture.message("low", { queue: "urgent", priority: 1 }),
      fixture.message("high", { queue: "urgent", priority: 9 }),
    ]);
    const consumer = await driver.consume("urgent", { worker: "tester", credits: 1 });
    expect(textOf(await receiveOne(consumer))).toBe("high");
    const { cause } = await publishFailure(driver, [fixture.message("x", { priority: 1 })]);
    expect(cause).toBeInstanceOf(UnsupportedError);
  });
});

describe("what depends on the server's version", () => {
  /** What the server says of the work queue: its type and its arguments. */
  async function queueOnServer(): Promise<string> {
    const lines = await server.ctl("-q", "list_queues", "name", "type", "arguments");
    return lines.split("\n").find((line) => line.startsWith(fixture.names.queue(fixture.queue))) ?? "";
  }
  const isAtLeast = async (major: number, minor: number): Promise<boolean> => {
    const [, first, second] = /(\d+)\.(\d+)/.exec(await server.ctl("-q", "version")) ?? [];
    return Number(first) > major || (Number(first) === major && Number(second) >= minor);
  };
  const batch = (): OutgoingMessage[] => [...fixture.batch(8), fixture.message("urgent", { priority: 9 })];

  it("is the type of a queue with priorities, which come before the others on each", async () => {
    const driver = fixture.driver({ maxPriority: 9 });
    await driver.publish(batch());
    const type = (await isAtLeast(4, 0)) ? "quorum" : "classic";
    expect(await queueOnServer()).toContain(type);
    const texts = (await receive(await fixture.consumer(driver, 9), 9)).map(textOf);
    expect(texts.indexOf("urgent")).toBeLessThan(4);
  });

  it("is not the type of one that an older server declared: that is used as it is", async () => {
    await fixture.driver({ maxPriority: 9, queueType: "classic" }).publish(batch());
    const driver = fixture.driver({ maxPriority: 9 });
    expect(await queueOnServer()).toContain("classic");
    expect(textOf(await receiveOne(await fixture.consumer(driver, 1)))).toBe("urgent");
    const { cause } = await publishFailure(fixture.driver({ maxPriority: 9, messageTtlMs: 60_000 }), batch());
    // Only what no version would explain is named.
    expect(String(cause)).toMatch(/says: x-message-ttl is not set and should be 60000\. /);
  });

  it("is how long the server waits for a task that takes longer than it would", async () => {
    const driver = fixture.driver();
    const options = { worker: "tester", credits: 1, longestTaskMs: 7_200_000 };
    await driver.consume(fixture.queue, options);
    if (await isAtLeast(3, 12)) {
      expect(await queueOnServer()).toContain("x-consumer-timeout");
      expect(fixture.warnings).toEqual([]);
    } else {
      expect(await queueOnServer()).not.toContain("x-consumer-timeout");
      expect(fixture.warnings).toEqual([expect.stringMatching(/7200000 ms.*within 1800000 ms.*consumer_timeout/)]);
    }
  });
});
