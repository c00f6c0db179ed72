import type { Delivery } from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { delivery } from "../../test/deliveries.js";
import { WaitingLine } from "./waiting-line.js";

describe("waiting line", () => {
  it("gives deliveries back in the order of arrival, whatever is done in between", () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constant("push" as const), count: fc.nat(200) }),
      fc.record({ kind: fc.constant("shift" as const), count: fc.nat(300) }),
      fc.record({ kind: fc.constant("old" as const), count: fc.nat(10) }),
      fc.record({ kind: fc.constant("remove" as const), count: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const line = new WaitingLine();
        let model: { item: Delivery; at: number }[] = [];
        commands.forEach(({ kind, count }, now) => {
          if (kind === "push") {
            const items = Array.from({ length: count }, () => delivery());
            line.push(items, now);
            model.push(...items.map((item) => ({ item, at: now })));
          } else if (kind === "shift") {
            for (let n = 0; n < count; n++) expect(line.shift()).toBe(model.shift()?.item);
          } else if (kind === "old") {
            const time = now - count;
            expect(line.takeArrivedBefore(time)).toEqual(model.filter(({ at }) => at < time).map(({ item }) => item));
            model = model.filter(({ at }) => at >= time);
          } else {
            const unwanted = new Set(model.filter((_, index) => index % (count + 1) === 0).map(({ item }) => item));
            expect(new Set(line.remove(unwanted))).toEqual(unwanted);
            model = model.filter(({ item }) => !unwanted.has(item));
          }
          expect(line.length).toBe(model.length);
        });
        expect(line.takeAll()).toEqual(model.map(({ item }) => item));
        expect(line.length).toBe(0);
      }),
    );
  });
});
