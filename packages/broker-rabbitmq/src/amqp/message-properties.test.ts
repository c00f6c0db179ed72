import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decodeFrames, encodeFrames } from "../../test/client-codec.js";
import { type MessageProperties, propertyBytes, readProperties } from "./message-properties.js";

/** Head of a frame, and class, weight and size of the body. */
const BEFORE_PROPERTIES = 7 + 12;

const EVERY: MessageProperties = {
  contentType: "application/json",
  contentEncoding: "gzip",
  headers: { text: "ä", yes: true, small: 5, negative: -70_000, large: 2 ** 40, half: 0.5, nothing: null },
  deliveryMode: 2,
  priority: 9,
  correlationId: "c",
  replyTo: "r",
  expiration: "1000",
  messageId: "m",
  timestamp: 1_700_000_000,
  type: "t",
  userId: "u",
  appId: "a",
  clusterId: "k",
};

describe("the properties of a message", () => {
  it("are read as another client wrote them", () => {
    const bytes = encodeFrames({ type: 2, channelId: 1, bodySize: 0, fields: EVERY });
    expect(readProperties(bytes, BEFORE_PROPERTIES)).toEqual(EVERY);
  });

  it("are written as another client reads them", async () => {
    const own = propertyBytes(EVERY);
    const head = Buffer.alloc(BEFORE_PROPERTIES);
    head.writeUInt8(2, 0);
    head.writeUInt32BE(12 + own.length, 3);
    const [frame] = await decodeFrames(Buffer.concat([head, own, Buffer.from([0xce])]));
    expect(frame).toMatchObject({ fields: EVERY });
  });

  it("keep tables within tables, arrays and bytes", () => {
    const headers = { "x-death": [{ queue: "q", count: 3, "routing-keys": ["a", "b"] }], bytes: Buffer.from([0, 255]) };
    expect(readProperties(propertyBytes({ headers }), 0)).toEqual({ headers });
  });

  it("survive being written and read, whatever the headers", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.string(),
        fc.boolean(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, min: 0.1, max: 0.9 }),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.string({ maxLength: 9 }), tie("value"), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 60 }), value, { noNullPrototype: true }), (headers) => {
        expect(readProperties(propertyBytes({ headers }), 0)).toEqual({ headers });
      }),
    );
  });

  it("change no prototype, whatever a header's name", () => {
    const headers = JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>;
    const read = readProperties(propertyBytes({ headers }), 0).headers ?? {};
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.hasOwn(read, "__proto__")).toBe(true);
  });

  it("cut a text that is too long at the end of a character", () => {
    const { messageId } = readProperties(propertyBytes({ messageId: `${"x".repeat(254)}ä` }), 0);
    expect(messageId).toBe("x".repeat(254));
  });

  it("that end too early are an error", () => {
    const bytes = propertyBytes({ messageId: "message" });
    expect(() => readProperties(bytes.subarray(0, bytes.length - 1), 0)).toThrow("longer than its frame");
  });
});
