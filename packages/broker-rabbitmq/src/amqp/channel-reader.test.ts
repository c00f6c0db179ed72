import { describe, expect, it } from "@jest/globals";
import { contentFrames, deliveryFrames, encodeFrames, type Frame, METHODS } from "../../test/client-codec.js";
import { type ChannelListener, ChannelReader } from "./channel-reader.js";

/** What a listener is told, and which frames were left to the client. */
function readAll(...frames: readonly Frame[]): { told: unknown[]; left: Frame[] } {
  const told: unknown[] = [];
  const listener: ChannelListener = {
    onDelivery: ({ deliveryTag, redelivered, body, properties }) =>
      told.push({ deliveryTag, redelivered, body: body.toString(), properties }),
    onReturn: (exchange, routingKey, properties) => told.push({ exchange, routingKey, properties }),
    onConfirm: (deliveryTag, multiple, stored) => told.push({ deliveryTag, multiple, stored }),
  };
  const reader = new ChannelReader(listener);
  const left = frames.filter((frame) => {
    const bytes = Buffer.concat([Buffer.from("before"), encodeFrames(frame), Buffer.from("after")]);
    return !reader.read(bytes, 6, bytes.length - 5);
  });
  return { told, left };
}

describe("the frames of a channel", () => {
  it("are deliveries, with their properties and bodies in one piece or more, or empty", () => {
    const properties = { messageId: "m", headers: { "x-delivery-count": 2 } };
    const { told, left } = readAll(
      ...deliveryFrames(1, 1, properties, "whole"),
      ...deliveryFrames(1, 2, {}, "in ", "three ", "pieces"),
      ...deliveryFrames(1, 3, {}),
    );
    expect(told).toEqual([
      { deliveryTag: 1, redelivered: false, body: "whole", properties },
      { deliveryTag: 2, redelivered: true, body: "in three pieces", properties: {} },
      { deliveryTag: 3, redelivered: false, body: "", properties: {} },
    ]);
    expect(left).toEqual([]);
  });

  it("are deliveries also where the headers cannot be read", () => {
    const [method, header, body] = deliveryFrames(1, 1, { headers: { h: {} } }, "body").map((frame) =>
      encodeFrames(frame),
    );
    const told: unknown[] = [];
    const reader = new ChannelReader({
      onDelivery: (message) => told.push(message.body.toString(), message.properties),
    });
    // A table becomes something of a type that nobody knows.
    const broken = Buffer.from(header!.map((byte) => (byte === 0x46 ? 0x51 : byte)));
    for (const bytes of [method!, broken, body!]) reader.read(bytes, 0, bytes.length);
    expect(told).toEqual(["body", {}]);
  });

  it("have tags of more than 32 bits", () => {
    const { told } = readAll(...deliveryFrames(1, 2 ** 40 + 1, {}, "x"));
    expect(told).toMatchObject([{ deliveryTag: 2 ** 40 + 1 }]);
  });

  it("are returned messages and confirms", () => {
    const returned = { replyCode: 312, replyText: "NO_ROUTE", exchange: "exchange", routingKey: "key" };
    const { told } = readAll(
      ...contentFrames(1, METHODS.returned, returned, { messageId: "m" }, "body"),
      { type: 1, channelId: 1, methodId: METHODS.ack, params: { deliveryTag: 7, multiple: true } },
      { type: 1, channelId: 1, methodId: METHODS.nack, params: { deliveryTag: 8, multiple: false, requeue: true } },
    );
    expect(told).toEqual([
      { exchange: "exchange", routingKey: "key", properties: { messageId: "m" } },
      { deliveryTag: 7, multiple: true, stored: true },
      { deliveryTag: 8, multiple: false, stored: false },
    ]);
  });

  it("are left to the client where they are anything else, content included", () => {
    const others: Frame[] = [
      {
        type: 1,
        channelId: 1,
        methodId: METHODS.queueDeclareOk,
        params: { queue: "q", messageCount: 1, consumerCount: 0 },
      },
      { type: 2, channelId: 1, bodySize: 1, fields: {} },
      { type: 3, channelId: 1, payload: Buffer.from("x") },
    ];
    expect(readAll(...others)).toEqual({ told: [], left: others });
  });

  it("are not trusted where a command comes within a message", () => {
    const [method] = deliveryFrames(1, 1, {}, "x");
    expect(() => readAll(method!, method!)).toThrow("within a message");
  });
});
