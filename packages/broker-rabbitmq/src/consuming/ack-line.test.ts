import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { AckLine } from "./ack-line.js";

function lineOf(...tags: readonly number[]): AckLine<number> {
  const line = new AckLine<number>();
  for (const tag of tags) line.add(tag, tag);
  return line;
}

describe("acks", () => {
  it("of an unbroken run from the oldest on are one frame", () => {
    expect(lineOf(1, 2, 3, 4).ack([3, 1, 2])).toEqual([{ deliveryTag: 3, multiple: true }]);
  });

  it("beyond one that is open are single", () => {
    expect(lineOf(1, 2, 3, 4).ack([2, 4])).toEqual([
      { deliveryTag: 2, multiple: false },
      { deliveryTag: 4, multiple: false },
    ]);
  });

  it("of a run and of others beyond it are both", () => {
    expect(lineOf(1, 2, 3, 4, 5).ack([1, 2, 5])).toEqual([
      { deliveryTag: 2, multiple: true },
      { deliveryTag: 5, multiple: false },
    ]);
  });

  it("run over what was settled before", () => {
    const line = lineOf(1, 2, 3, 4);
    line.ack([2]);
    line.remove(3);
    expect(line.ack([1, 4])).toEqual([{ deliveryTag: 4, multiple: true }]);
  });

  it("of a delivery that is not open are none", () => {
    const line = lineOf(1);
    line.ack([1]);
    expect(line.ack([1, 7])).toEqual([]);
  });

  it("settle exactly what was acked, on a server that does as AMQP says, in any order", () => {
    const batches = fc.array(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 10 }), { maxLength: 12 });
    fc.assert(
      fc.property(batches, (acks) => {
        const line = lineOf(...Array.from({ length: 30 }, (_, index) => index + 1));
        const server = new Set(Array.from({ length: 30 }, (_, index) => index + 1));
        for (const tags of acks) {
          for (const { deliveryTag, multiple } of line.ack(tags)) {
            // An ack of an unknown tag would end the channel.
            expect(server.has(deliveryTag)).toBe(true);
            for (const tag of server) if (tag === deliveryTag || (multiple && tag < deliveryTag)) server.delete(tag);
          }
        }
        const acked = new Set(acks.flat());
        expect([...server]).toEqual(
          Array.from({ length: 30 }, (_, index) => index + 1).filter((tag) => !acked.has(tag)),
        );
        expect(line.size).toBe(server.size);
      }),
    );
  });
});
