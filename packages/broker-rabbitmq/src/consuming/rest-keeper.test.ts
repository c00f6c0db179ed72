import { afterEach, describe, expect, it, jest } from "@jest/globals";
import type { RabbitmqDelivery } from "./rabbitmq-delivery.js";
import { RestKeeper } from "./rest-keeper.js";

const HOUR_MS = 3_600_000;

/** A message that is due at a time; nothing else of it matters here. */
function dueAt(time: number): RabbitmqDelivery {
  return { restMs: (now: number) => Math.max(0, time - now) } as unknown as RabbitmqDelivery;
}

describe("the rest of a delay", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each([HOUR_MS, -HOUR_MS])("is waited for by a process whose clock was set by %d ms", (stepMs) => {
    const passedOn: RabbitmqDelivery[] = [];
    const keeper = new RestKeeper((delivery) => passedOn.push(delivery));
    const now = Date.now();
    jest.spyOn(Date, "now").mockReturnValue(now + stepMs);
    const delivery = dueAt(now + 60_000);
    keeper.add(delivery);
    expect(passedOn).toEqual([]);
    expect(keeper.drain()).toEqual([delivery]);
  });

  it("is none for what is due", () => {
    const passedOn: RabbitmqDelivery[] = [];
    const keeper = new RestKeeper((delivery) => passedOn.push(delivery));
    const delivery = dueAt(Date.now() - HOUR_MS);
    keeper.add(delivery);
    expect(passedOn).toEqual([delivery]);
    expect(keeper.size).toBe(0);
  });
});
