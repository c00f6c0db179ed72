import { UnsupportedError } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { decodeFrames, METHODS } from "../../test/client-codec.js";
import { messageParcel, type Parcel } from "../messages/parcel.js";
import { Names } from "../topology/names.js";
import { FrameWriter } from "./frame-writer.js";

const CHANNEL = 3;
const names = new Names("chicory");

function writerOf(maxFrameBytes = 4_096): { writer: FrameWriter; writes: Buffer[] } {
  const writes: Buffer[] = [];
  return { writer: new FrameWriter(maxFrameBytes, (bytes) => writes.push(bytes)), writes };
}

function parcelOf(body: string | Uint8Array, id = "id"): Parcel {
  return messageParcel({ id, queue: "q", body, mode: "at-least-once", priority: 0 }, names, 0);
}

const method = {
  type: 1,
  channelId: CHANNEL,
  methodId: METHODS.publish,
  params: { exchange: "", routingKey: "chicory.queue.q", mandatory: true, immediate: false },
};

describe("frames that are written", () => {
  it("are a usual message, as another client reads it", async () => {
    const { writer, writes } = writerOf();
    writer.publish(CHANNEL, parcelOf("bödy"));
    writer.flush();
    const [first, header, body, ...rest] = await decodeFrames(Buffer.concat(writes));
    expect(first).toMatchObject(method);
    expect(header).toMatchObject({
      bodySize: 5,
      fields: { contentType: "application/vnd.chicory+json", deliveryMode: 2, messageId: "id" },
    });
    expect((header as { fields: { timestamp: number } }).fields.timestamp).toBeGreaterThan(1_600_000_000);
    expect(body).toMatchObject({ payload: Buffer.from("bödy") });
    expect(rest).toEqual([]);
  });

  it("are a message with whatever properties it has", async () => {
    const { writer, writes } = writerOf();
    const properties = { priority: 5, type: "t", headers: { mine: "x" } };
    writer.publish(CHANNEL, { ...parcelOf("body"), usual: false, properties });
    writer.flush();
    const [, header] = await decodeFrames(Buffer.concat(writes));
    expect(header).toMatchObject({ fields: { ...properties, deliveryMode: 2 } });
  });

  it("are as many as a large body takes, and none for an empty one", async () => {
    const { writer, writes } = writerOf();
    const large = "ä".repeat(5_000);
    writer.publish(CHANNEL, parcelOf(large));
    writer.publish(CHANNEL, parcelOf(Buffer.from(large)));
    writer.publish(CHANNEL, parcelOf(""));
    writer.flush();
    const frames = await decodeFrames(Buffer.concat(writes));
    const pieces = frames.flatMap((frame) => (frame.type === 3 ? [frame.payload] : []));
    expect(pieces.map(({ length }) => length)).toEqual([4_088, 4_088, 1_824, 4_088, 4_088, 1_824]);
    expect(Buffer.concat(pieces).toString()).toBe(large + large);
    expect(frames).toHaveLength(12);
  });

  it("are acks and deliveries given back", async () => {
    const { writer, writes } = writerOf();
    writer.ack(CHANNEL, 2 ** 33 + 5, true);
    writer.giveBack(CHANNEL, 6);
    writer.flush();
    expect(await decodeFrames(Buffer.concat(writes))).toEqual([
      { type: 1, channelId: CHANNEL, methodId: METHODS.ack, params: { deliveryTag: 2 ** 33 + 5, multiple: true } },
      {
        type: 1,
        channelId: CHANNEL,
        methodId: METHODS.nack,
        params: { deliveryTag: 6, multiple: false, requeue: true },
      },
    ]);
  });

  it("leave together, and stay as they are after that", async () => {
    const { writer, writes } = writerOf();
    for (let index = 0; index < 20; index += 1) writer.publish(CHANNEL, parcelOf(`body ${index}`, `id ${index}`));
    expect(writes).toEqual([]);
    writer.flush();
    writer.flush();
    expect(writes).toHaveLength(1);
    const before = Buffer.from(writes[0]!);
    for (let index = 0; index < 2_000; index += 1) writer.publish(CHANNEL, parcelOf("another", "other"));
    writer.flush();
    expect(writes[0]).toEqual(before);
    expect(await decodeFrames(Buffer.concat(writes))).toHaveLength(3 * 2_020);
  });

  it("do not begin with a message whose headers are too large for one", () => {
    const { writer, writes } = writerOf();
    const parcel: Parcel = { ...parcelOf("body"), usual: false, properties: { headers: { long: "x".repeat(5_000) } } };
    expect(() => writer.publish(CHANNEL, parcel)).toThrow(UnsupportedError);
    writer.flush();
    expect(writes).toEqual([]);
  });

  it("cut a name that is too long at the end of a character", async () => {
    const { writer, writes } = writerOf();
    writer.publish(CHANNEL, { ...parcelOf("body"), routingKey: `${"x".repeat(254)}ä` });
    writer.flush();
    expect((await decodeFrames(Buffer.concat(writes)))[0]).toMatchObject({ params: { routingKey: "x".repeat(254) } });
  });
});
