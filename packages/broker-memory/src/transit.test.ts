import { describe, expect, it } from "@jest/globals";
import { Transit } from "./transit.js";

/** The order in which 20 calls of three steps each come through. */
async function order(seed: number | undefined): Promise<string> {
  const transit = new Transit(seed);
  const seen: string[] = [];
  const call = async (name: number): Promise<void> => {
    for (let step = 0; step < 3; step += 1) {
      await transit.step();
      seen.push(`${name}.${step}`);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, name) => call(name)));
  return seen.join(" ");
}

describe("the way to the server", () => {
  it("plays the same order for the same seed", async () => {
    expect(await order(7)).toBe(await order(7));
  });

  it("plays other orders for other seeds", async () => {
    const orders = await Promise.all([1, 2, 3, 4, 5].map(order));
    expect(new Set(orders).size).toBe(5);
  });

  it("keeps the order of the calls without a seed", async () => {
    const steps = (await order(undefined)).split(" ").slice(0, 20);
    expect(steps).toEqual(Array.from({ length: 20 }, (_, name) => `${name}.0`));
  });

  it("is busy as long as a call is on its way", async () => {
    const transit = new Transit(1);
    expect(transit.busy).toBe(false);
    const step = transit.step();
    expect(transit.busy).toBe(true);
    await step;
    expect(transit.busy).toBe(false);
  });

  it("decides by chance, and the same way for the same seed", () => {
    const flips = (seed?: number): boolean[] => {
      const transit = new Transit(seed);
      return Array.from({ length: 50 }, () => transit.flip());
    };
    expect(new Set(flips())).toEqual(new Set([true, false]));
    expect(flips(3)).toEqual(flips(3));
    expect(flips(3)).not.toEqual(flips(4));
  });
});
