import type { DeadLetterRecord, Settlement } from "@chicory/core";
import { type RabbitmqServer, startRabbitmq } from "@chicory/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { Fixture, receiveOne, textOf, until } from "./fixture.js";
import { publishRaw, type RawProperties, uint32 } from "./raw-publish.js";

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

const name = (text: string): Buffer => Buffer.from(text);
const NO_TEXT = Buffer.alloc(255, 0xff);
const typed = (type: string, ...bytes: readonly (Buffer | readonly number[])[]): Buffer =>
  Buffer.concat([Buffer.from(type), ...bytes.map((part) => Buffer.from(part))]);
const DOUBLE_HUGE_NEGATIVE = [0xfe, 0x37, 0xe4, 0x3c, 0x88, 0, 0x75, 0x9c];

const cases: readonly (readonly [string, RawProperties])[] = [
  ["an id that is no text and as long as one may be", { messageId: NO_TEXT }],
  ["other properties that are no text", { correlationId: NO_TEXT, type: NO_TEXT }],
  ["a header's name that is no text", { headers: [[NO_TEXT, typed("t", [1])]] }],
  ["many headers that are no text", { headers: [[name("x"), typed("S", uint32(60_000), Buffer.alloc(60_000, 0xff))]] }],
  ["a header of bytes", { headers: [[name("x"), typed("x", uint32(30_000), Buffer.alloc(30_000, 7))]] }],
  ["a header that no integer can hold", { headers: [[name("x"), typed("d", DOUBLE_HUGE_NEGATIVE)]] }],
  ["a header that is a decimal", { headers: [[name("x"), typed("D", [2, 0, 0, 1, 0])]] }],
  ["a header without a value", { headers: [[name("x"), typed("V")]] }],
  ["the latest time there is", { timestamp: 0xffff_ffff_ffff_ffffn }],
  ["the name of the user who sent it", { userId: Buffer.from("guest") }],
  [
    "a header that routes copies",
    { headers: [[name("CC"), typed("A", uint32(9), typed("S", uint32(4), name("copy")))]] },
  ],
  [
    "counts below nothing",
    {
      headers: [
        [name("chicory-deliveries"), typed("b", [0x80])],
        [name("x-delivery-count"), typed("b", [0x80])],
      ],
    },
  ],
];

const record: DeadLetterRecord = { reason: "undecodable", queue: "work", failedAt: 1, attempts: 0, deliveryCount: 1 };

describe("a message of another program", () => {
  it.each(cases)("that has %s is given back and buried like any other", async (_, properties) => {
    const driver = fixture.driver();
    const consumer = await fixture.consumer(driver, 10);
    const channel = await fixture.channel();
    await channel.queueDeclare({ queue: "copy" });
    await channel.queuePurge("copy");
    const body = Buffer.from([0x7b, 0xff, 0x00]);
    publishRaw(channel, fixture.names.queue(fixture.queue), properties, body);
    const delivery = await receiveOne(consumer);
    expect(Buffer.from(delivery.body)).toEqual(body);
    expect(delivery.deliveryCount).toBeGreaterThanOrEqual(1);
    const neighbour = fixture.message("neighbour");
    const [{ lost }] = await Promise.all([
      consumer.settle([{ kind: "requeue", delivery }]),
      driver.publish([neighbour]),
    ]);
    expect(lost).toEqual([]);
    const came = [await receiveOne(consumer), await receiveOne(consumer)];
    expect(came.map(textOf).sort()).toEqual([body.toString(), "neighbour"].sort());
    const settlements = came.map(
      (each): Settlement =>
        textOf(each) === "neighbour"
          ? { kind: "ack", delivery: each }
          : { kind: "deadLetter", delivery: each, letter: { record, body: each.body } },
    );
    expect((await consumer.settle(settlements)).lost).toEqual([]);
    const { letters } = await driver.admin.browseDeadLetters(fixture.queue);
    expect(letters.map((letter) => Buffer.from(letter.body))).toEqual([body]);
    // What the program had routed to another queue is not routed there once more.
    const { messageCount } = await channel.queueDeclare({ queue: "copy", passive: true });
    expect(messageCount).toBe(properties.headers?.[0]?.[0].toString() === "CC" ? 1 : 0);
  });

  it("that was buried by the server is listed and replayed, whatever its properties are", async () => {
    const driver = fixture.driver({ messageTtlMs: 200 });
    await driver.publish([fixture.message("before")]);
    const channel = await fixture.channel();
    for (const [what, properties] of cases) {
      publishRaw(channel, fixture.names.queue(fixture.queue), properties, name(what));
    }
    const count = cases.length + 1;
    await until("the letters", async () => (await driver.admin.depth(fixture.queue)).deadLetters === count);
    const { letters } = await driver.admin.browseDeadLetters(fixture.queue);
    expect(letters).toHaveLength(count);
    const replays = letters.map(({ id }) => ({ letterId: id, message: fixture.message("again", { queue: "other" }) }));
    expect(await driver.admin.replayDeadLetters(fixture.queue, replays)).toHaveLength(count);
  });
});
