import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { amqpAnswers } from "./amqp-probe.js";
import { eventually } from "./eventually.js";
import { canStartRabbitmq, type RabbitmqServer, startRabbitmq } from "./rabbitmq.js";

/** A node takes seconds to start, and much longer on a busy machine. */
const START_MS = 240_000;

// The test command provides RabbitMQ as soon as there is a driver for it; till then a machine may be without.
const describeOwn = (await canStartRabbitmq()) ? describe : describe.skip;

describeOwn("a RabbitMQ of the test's own", () => {
  let server: RabbitmqServer;

  beforeAll(async () => {
    server = await startRabbitmq({ ownServer: true, config: ["consumer_timeout = 12345"] });
  }, START_MS);

  afterAll(async () => {
    await server?.stop();
  }, START_MS);

  it("answers, with the configuration that was asked for", async () => {
    expect(await amqpAnswers(server.host, server.port)).toBe(true);
    expect(server.url).toBe(`amqp://guest:guest@${server.host}:${server.port}`);
    expect(await server.ctl("eval", "application:get_env(rabbit, consumer_timeout).")).toContain("12345");
  });

  it(
    "comes back on the same port after a kill, with what it had stored",
    async () => {
      await server.ctl("add_vhost", "kept");
      const { pid } = server;
      await server.kill();
      expect(server.pid).toBeUndefined();
      expect(await amqpAnswers(server.host, server.port)).toBe(false);
      await server.restart();
      expect(await server.ctl("list_vhosts")).toContain("kept");
      if (pid !== undefined) expect(server.pid).not.toBe(pid);
    },
    START_MS,
  );

  it(
    "does not answer while it is paused",
    async () => {
      await server.pause();
      expect(await amqpAnswers(server.host, server.port)).toBe(false);
      await server.resume();
      await eventually(() => amqpAnswers(server.host, server.port), { what: "an answer", deadlineMs: 60_000 });
    },
    START_MS,
  );

  it(
    "forgets what it had stored when a restart is told to",
    async () => {
      await server.ctl("add_vhost", "forgotten");
      await server.restart({ keepData: false });
      expect(await server.ctl("list_vhosts")).not.toContain("forgotten");
    },
    START_MS,
  );

  it("is gone after stop, which may be called twice", async () => {
    const { pid } = server;
    await server.stop();
    await server.stop();
    expect(await amqpAnswers(server.host, server.port)).toBe(false);
    expect(pid !== undefined && existsSync(`/proc/${pid}`)).toBe(false);
  });
});

describe("a RabbitMQ given by URL", () => {
  const saved = { ...process.env };

  beforeEach(() => {
    delete process.env.CHICORY_TEST_SERVERS;
    process.env.CHICORY_TEST_RABBITMQ_URL = "amqp://rabbit.test:7000/vhost";
  });

  afterEach(() => {
    process.env = { ...saved };
  });

  it("is used as it is, and cannot be killed or told anything", async () => {
    const server = await startRabbitmq();
    expect(server).toMatchObject({ source: "url", host: "rabbit.test", port: 7000 });
    await expect(server.kill()).rejects.toThrow(/Unset CHICORY_TEST_RABBITMQ_URL/);
    await expect(server.ctl("status")).rejects.toThrow(/cannot reach/);
  });
});
