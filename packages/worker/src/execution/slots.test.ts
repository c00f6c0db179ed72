import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { run } from "../../test/deliveries.js";
import { Execution } from "./execution.js";
import type { SettlementWriter } from "./settlement-writer.js";
import { Slots } from "./slots.js";

const owner = { decide: () => undefined, release: () => undefined };
const execution = () => new Execution(run(), undefined as unknown as SettlementWriter, owner);

describe("slots", () => {
  it("counts what is taken, and what is taken by handlers that go on although they are decided", () => {
    const slots = new Slots();
    const [first, second] = [execution(), execution()];
    slots.add(first);
    slots.add(second);
    expect(slots.decide(first)).toBe(true);
    expect(slots.decide(first)).toBe(false);
    expect([slots.taken, slots.zombies, slots.undecided]).toEqual([2, 1, 1]);
    slots.remove(first);
    expect([slots.taken, slots.zombies, slots.undecided]).toEqual([1, 0, 1]);
    expect(slots.listUndecided()).toEqual([second]);
  });

  it("keeps its books in any order of ends", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), (choices) => {
        const slots = new Slots();
        let model: Execution[] = [];
        for (const choice of choices) {
          const ending = choice % 2 === 0 ? model[(choice >> 1) % Math.max(1, model.length)] : undefined;
          if (ending === undefined) {
            const added = execution();
            slots.add(added);
            model.push(added);
          } else {
            slots.decide(ending);
            slots.remove(ending);
            model = model.filter((other) => other !== ending);
          }
          expect(new Set(slots.listUndecided())).toEqual(new Set(model));
          expect(slots.taken).toBe(model.length);
        }
      }),
    );
  });
});
