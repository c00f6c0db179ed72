import { DeliveryMode } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Fixture, receive, receiveOne, textOf } from "./fixture.js";

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

describe("a delayed message", () => {
  it("does not wait behind one that is delayed for longer", async () => {
    const driver = fixture.driver();
    const consumer = await fixture.consumer(driver);
    const now = Date.now();
    await driver.publish([fixture.message("in an hour", { notBefore: now + 3_600_000 })]);
    await driver.publish([fixture.message("in a second", { notBefore: now + 1_000 })]);
    expect(textOf(await receiveOne(consumer))).toBe("in a second");
    expect(Date.now()).toBeGreaterThanOrEqual(now + 1_000);
  });

  it.each([DeliveryMode.AT_LEAST_ONCE, DeliveryMode.AT_MOST_ONCE])(
    "is never early, whatever its delay, %s",
    async (mode) => {
      const driver = fixture.driver();
      const consumer = await fixture.consumer(driver);
      const now = Date.now();
      const delays = [0, 1, 250, 999, 1_000, 1_001, 1_500, 2_000, 2_750, 3_000, 3_999, 4_321];
      await driver.publish(
        delays.map((delay) => fixture.message(String(now + delay), { notBefore: now + delay, mode })),
      );
      const seen: number[] = [];
      while (seen.length < delays.length) {
        const [delivery] = await receive(consumer, 1);
        expect(Date.now()).toBeGreaterThanOrEqual(Number(textOf(delivery!)));
        expect(delivery).toMatchObject({ redelivered: false, deliveryCount: 1 });
        seen.push(Number(textOf(delivery!)) - now);
      }
      expect(seen.sort((a, b) => a - b)).toEqual(delays);
    },
  );

  it("survives a restart of the server, in both families", async () => {
    const driver = fixture.driver();
    const notBefore = Date.now() + 12_000;
    await driver.publish([
      fixture.message("once", { notBefore, mode: DeliveryMode.AT_MOST_ONCE }),
      fixture.message("at least once", { notBefore }),
    ]);
    await server.restart();
    const consumer = await fixture.consumer(fixture.driver());
    const texts = (await receive(consumer, 2, 60_000)).map(textOf);
    expect(texts.sort()).toEqual(["at least once", "once"]);
    expect(Date.now()).toBeGreaterThanOrEqual(notBefore);
  }, 240_000);

  it("reaches a queue whose name is the end of another's, and that one alone", async () => {
    const driver = fixture.driver();
    const options = { worker: "tester", credits: 10 };
    const [short, long] = [await driver.consume("a.b", options), await driver.consume("x.a.b", options)];
    const notBefore = Date.now() + 1_100;
    await driver.publish([
      fixture.message("long", { queue: "x.a.b", notBefore }),
      fixture.message("short", { queue: "a.b", notBefore }),
    ]);
    expect(textOf(await receiveOne(long))).toBe("long");
    expect(textOf(await receiveOne(short))).toBe("short");
    expect((await driver.admin.depth("a.b")).ready).toBe(0);
  });
});
