import { setImmediate as turn } from "node:timers/promises";
import { type Delivery, ServerError } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq, startTcpProxy } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { DEADLINE_MS, Fixture, receive, receiveOne, textOf, until } from "./fixture.js";
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

describe("a message of another program", () => {
  const bodies: readonly (readonly [string, Buffer])[] = [
    ["application/json", Buffer.from('{ "v": 1,\n "id" :"x" , "n": 1.0 }')],
    ["application/json", Buffer.from("{ broken")],
    ["text/plain", Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])],
    ["image/png", Buffer.from([1, 2, 3])],
    ["application/json", Buffer.alloc(0)],
  ];

  it.each(bodies)(
    "of type %s is handed out byte for byte, again and among the dead letters too",
    async (type, body) => {
      const driver = fixture.driver();
      const consumer = await fixture.consumer(driver);
      const properties = {
        routingKey: fixture.names.queue(fixture.queue),
        contentType: type,
        headers: { mine: [1, "x"] },
      };
      const channel = await fixture.channel();
      await channel.confirmSelect();
      await channel.basicPublish(properties, body);
      const delivery = await receiveOne(consumer);
      expect(Buffer.from(delivery.body)).toEqual(body);
      expect(delivery).toMatchObject({ deliveryCount: 1, redelivered: false });
      await consumer.settle([{ kind: "requeue", delivery }]);
      const again = await receiveOne(consumer);
      expect(Buffer.from(again.body)).toEqual(body);
      const record = {
        reason: "undecodable",
        queue: fixture.queue,
        failedAt: 1,
        attempts: 0,
        deliveryCount: 1,
      } as const;
      await consumer.settle([{ kind: "deadLetter", delivery: again, letter: { record, body: again.body } }]);
      const { letters } = await driver.admin.browseDeadLetters(fixture.queue);
      expect(letters.map((letter) => Buffer.from(letter.body))).toEqual([body]);
    },
  );

  it("keeps its properties when it is given back", async () => {
    const driver = fixture.driver();
    const consumer = await fixture.consumer(driver);
    const queue = fixture.names.queue(fixture.queue);
    const properties = { contentType: "application/json", correlationId: "c", replyTo: "r", type: "t", appId: "a" };
    const channel = await fixture.channel();
    await channel.confirmSelect();
    await channel.basicPublish({ routingKey: queue, ...properties, headers: { mine: "x" } }, Buffer.from("[1]"));
    await consumer.settle([{ kind: "requeue", delivery: await receiveOne(consumer) }]);
    await consumer.close();
    let message = await channel.basicGet(queue);
    await until("the message to be back", async () => {
      message ??= await channel.basicGet(queue);
      return message;
    });
    expect(message).toMatchObject({ ...properties, headers: { mine: "x" }, durable: true });
  });
});

describe("a queue that is deleted while it is consumed", () => {
  it("is declared again, what was held is lost, and the consumer goes on", async () => {
    const driver = fixture.driver();
    const lost: Delivery[] = [];
    const consumer = await driver.consume(fixture.queue, {
      worker: "tester",
      credits: 10,
      onLost: (deliveries) => lost.push(...deliveries),
    });
    await driver.publish([fixture.message("held")]);
    const held = await receiveOne(consumer);
    const waiting = receiveOne(consumer);
    await (await fixture.channel()).queueDelete(fixture.names.queue(fixture.queue));
    await until("the delivery to be reported", () => lost.length === 1);
    expect(lost).toEqual([held]);
    expect(await consumer.settle([{ kind: "ack", delivery: held }])).toEqual({ lost: [held] });
    await until("a publish to be taken again", () =>
      driver.publish([fixture.message("after")]).then(
        () => true,
        () => false,
      ),
    );
    expect(textOf(await waiting)).toBe("after");
  });
});

describe("a task that runs longer than the server waits", () => {
  it("loses its delivery, and the error names the server's limit", async () => {
    await server.ctl(
      "eval",
      "application:set_env(rabbit, consumer_timeout, 1000), application:set_env(rabbit, channel_tick_interval, 500).",
    );
    try {
      const driver = fixture.driver();
      const lost: Delivery[] = [];
      const consumer = await driver.consume(fixture.queue, {
        worker: "tester",
        credits: 10,
        onLost: (deliveries) => lost.push(...deliveries),
      });
      await driver.publish([fixture.message("long")]);
      const delivery = await receiveOne(consumer);
      const error = await rejection(receive(consumer, 1));
      expect(error).toBeInstanceOf(ServerError);
      expect(error.message).toMatch(/longer than RabbitMQ waits.*consumer_timeout of 1000 ms/);
      expect(lost).toEqual([delivery]);
      const again = await receiveOne(consumer);
      expect(textOf(again)).toBe("long");
      expect(again).toMatchObject({ deliveryCount: 2, redelivered: true });
      await consumer.settle([{ kind: "ack", delivery: again }]);
    } finally {
      await server.ctl(
        "eval",
        "application:set_env(rabbit, consumer_timeout, 1800000), application:set_env(rabbit, channel_tick_interval, 60000).",
      );
    }
  });
});

describe("a channel or a connection that ends", () => {
  it("is replaced while handlers still run, and their settlements are lost", async () => {
    const proxy = await startTcpProxy(server);
    try {
      const driver = fixture.driver({ port: proxy.port });
      const lost: Delivery[] = [];
      const consumer = await driver.consume(fixture.queue, {
        worker: "tester",
        credits: 5,
        onLost: (deliveries) => lost.push(...deliveries),
      });
      await fixture.driver().publish(fixture.batch(5));
      const held = await receive(consumer, 5);
      proxy.sever();
      // None of the handlers has ended, and all their messages come again.
      const again = await receive(consumer, 5);
      expect(lost).toEqual(held);
      expect(again.every(({ redelivered }) => redelivered)).toBe(true);
      expect((await consumer.settle(held.map((delivery) => ({ kind: "ack", delivery })))).lost).toEqual(held);
      expect((await consumer.settle(again.map((delivery) => ({ kind: "ack", delivery })))).lost).toEqual([]);
      await consumer.close();
      expect((await driver.admin.depth(fixture.queue)).ready).toBe(0);
    } finally {
      await proxy.stop();
    }
  });
});

describe("credits", () => {
  it("bound what the server sends, and never starve", async () => {
    const driver = fixture.driver();
    const consumer = await fixture.consumer(driver, 3);
    await driver.publish(fixture.batch(40));
    const seen: string[] = [];
    const held = await receive(consumer, 3);
    // Two are held for the whole time; the third place is enough for the rest.
    let [free] = held.splice(2, 1);
    while (seen.length < 37 && free !== undefined) {
      seen.push(textOf(free));
      await consumer.settle([{ kind: "ack", delivery: free }]);
      free = await receiveOne(consumer);
    }
    expect(new Set([...seen, ...held.map(textOf)]).size).toBe(39);
    expect((await fixture.driver().admin.depth(fixture.queue)).ready).toBe(0);
  });

  it("of a consumer that has no time go back to the queue", async () => {
    const driver = fixture.driver();
    const idle = await fixture.consumer(driver, 50);
    const busy = await fixture.consumer(fixture.driver(), 50);
    await driver.publish([fixture.message("first")]);
    const held = await receiveOne(idle);
    await driver.publish(fixture.batch(30));
    // Some of them were sent to the one that asks no more.
    const received = await receive(busy, 30);
    expect(received.every(({ deliveryCount, redelivered }) => deliveryCount === 1 && !redelivered)).toBe(true);
    await idle.settle([{ kind: "ack", delivery: held }]);
  });
});

describe("at most once", () => {
  it("runs nothing twice while connections break, and everything once without a break", async () => {
    const proxies = await Promise.all([startTcpProxy(server), startTcpProxy(server)]);
    try {
      const producer = fixture.driver();
      const batch = fixture.batch(300, { mode: "at-most-once" });
      await producer.publish(batch);
      const runs = new Map<string, number>();
      const refused: string[] = [];
      const stop = new AbortController();
      const workers = proxies.map(async (proxy) => {
        const consumer = await fixture.consumer(fixture.driver({ port: proxy.port }), 5);
        while (!stop.signal.aborted) {
          const deliveries = await consumer.receive(5, stop.signal).catch(() => []);
          if (deliveries.length === 0) await turn();
          for (const delivery of deliveries) {
            const { lost } = await consumer.settle([{ kind: "ack", delivery }]);
            // The rule of the worker: acked first, and never one that may have been handed out before.
            if (lost.length > 0) continue;
            if (delivery.redelivered) refused.push(textOf(delivery));
            else runs.set(textOf(delivery), (runs.get(textOf(delivery)) ?? 0) + 1);
          }
        }
        await consumer.close();
      });
      for (let round = 0; round < 12; round += 1) {
        const before = runs.size;
        await until(
          "some progress",
          () => runs.size >= Math.min(before + 15, 280 - refused.length) || runs.size + refused.length >= 280,
        );
        proxies[round % 2]?.sever();
      }
      await until("the queue to be empty", async () => {
        const { ready } = await producer.admin.depth(fixture.queue);
        return ready === 0;
      });
      stop.abort();
      await Promise.all(workers);
      expect([...runs].filter(([, times]) => times > 1)).toEqual([]);
      expect(runs.size).toBeGreaterThan(150);
    } finally {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
    }
  });

  it("loses nothing in a graceful stop", async () => {
    const driver = fixture.driver();
    await driver.publish(fixture.batch(60, { mode: "at-most-once" }));
    const runs: string[] = [];
    while (runs.length < 60) {
      // Each worker takes ten, runs four, and is stopped.
      const consumer = await fixture.consumer(fixture.driver(), 10);
      const deliveries = await consumer.receive(10, AbortSignal.timeout(DEADLINE_MS));
      const mine = deliveries.slice(0, 4);
      expect(deliveries.every(({ redelivered }) => !redelivered)).toBe(true);
      const { lost } = await consumer.settle(mine.map((delivery) => ({ kind: "ack", delivery })));
      expect(lost).toEqual([]);
      runs.push(...mine.map(textOf));
      await consumer.close();
    }
    expect(new Set(runs).size).toBe(60);
  });
});
