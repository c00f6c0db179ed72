import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ConfigError } from "../errors/config-error.js";
import { MessageTooLargeError, NotSerializableError } from "../errors/message-errors.js";
import { encodeEnvelope } from "./encode.js";
import type { Envelope } from "./envelope.js";
import { EnvelopeFrame } from "./envelope-frame.js";
import { createMessage } from "./message.js";

const LIMIT = 1_048_576;
const message = createMessage({ name: "email.send", mode: "at-least-once" });
const frame = new EnvelopeFrame(message);

describe("the frame of a batch", () => {
  it("encodes each message as if it were sent by itself", () => {
    const options = fc.record({
      name: fc.string({ minLength: 1 }),
      eta: fc.option(fc.nat(), { nil: undefined }),
      priority: fc.integer({ min: 0, max: 9 }),
      headers: fc.option(fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.string()), { nil: undefined }),
      mode: fc.constantFrom("at-least-once" as const, "at-most-once" as const, undefined),
    });
    fc.assert(
      fc.property(options, fc.uuid(), fc.jsonValue(), (shared, id, input) => {
        fc.pre(!JSON.stringify(input).includes("__proto__"));
        const sent = createMessage({ ...shared, id, input });
        const text = new EnvelopeFrame(createMessage(shared)).encode(id, input, LIMIT);
        expect(text).toBe(encodeEnvelope({ ...sent, enqueuedAt: JSON.parse(text).enqueuedAt }, LIMIT));
      }),
    );
  });

  it("leaves out an input whose JSON is nothing", () => {
    for (const input of [undefined, { toJSON: () => undefined }]) {
      expect(JSON.parse(frame.encode("x", input, LIMIT))).toEqual({ ...message, id: "x" });
    }
  });

  it("keeps fields that this release does not know, and nothing of the message's own id and input", () => {
    const odd = { ...message, input: "old", trace: "x" };
    expect(JSON.parse(new EnvelopeFrame(odd).encode("x", "new", LIMIT))).toEqual({ ...odd, id: "x", input: "new" });
  });

  it("refuses what a single message would be refused for", () => {
    expect(() => new EnvelopeFrame({ ...message, retries: -1 })).toThrow(ConfigError);
    expect(() => new EnvelopeFrame({ ...message, own: 1n } as Envelope)).toThrow(NotSerializableError);
    expect(() => frame.encode("x", { n: Number.NaN }, LIMIT)).toThrow("input.n is NaN");
    const size = Buffer.byteLength(frame.encode("x", "é", LIMIT));
    expect(frame.encode("x", "é", size)).toContain("é");
    expect(() => frame.encode("x", "é", size - 1)).toThrow(MessageTooLargeError);
  });
});
