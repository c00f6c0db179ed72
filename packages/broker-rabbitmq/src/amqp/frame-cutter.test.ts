import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { encodeFrames, type Frame } from "../../test/client-codec.js";
import { FrameCutter } from "./frame-cutter.js";

describe("the bytes of a connection", () => {
  it("are cut into the same frames however they come", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (payloads, steps) => {
        const frames = payloads.map(
          (size, index): Frame => ({ type: 3, channelId: 1, payload: Buffer.alloc(size, index) }),
        );
        const bytes = encodeFrames(...frames);
        const seen: string[] = [];
        const cutter = new FrameCutter(100, (chunk, from, to) => seen.push(chunk.toString("hex", from, to)));
        for (let at = 0, step = 0; at < bytes.length; step += 1) {
          const length = steps[step % steps.length] ?? 1;
          cutter.push(bytes.subarray(at, at + length));
          at += length;
        }
        expect(seen).toEqual(frames.map((frame) => encodeFrames(frame).toString("hex")));
      }),
    );
  });

  it("are not gathered for a frame that is larger than was agreed", () => {
    const cutter = new FrameCutter(100, () => undefined);
    const bytes = encodeFrames({ type: 3, channelId: 1, payload: Buffer.alloc(93) });
    expect(() => cutter.push(bytes.subarray(0, 20))).toThrow("frame of 101 bytes");
  });
});
