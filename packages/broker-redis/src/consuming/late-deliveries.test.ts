import { silentLogger } from "@chicory/core";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { LateDeliveries } from "./late-deliveries.js";
import { RedisDelivery } from "./redis-delivery.js";

/** Longer than late deliveries are kept, in milliseconds. */
const LONG = 1_000;

describe("deliveries that came too late for their receive", () => {
  let givenBack: number;
  let failure: Error | undefined;
  let late: LateDeliveries;
  beforeEach(() => {
    jest.useFakeTimers();
    givenBack = 0;
    failure = undefined;
    late = new LateDeliveries(async () => {
      givenBack += 1;
      if (failure !== undefined) throw failure;
    }, silentLogger);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const delivery = (id: string) => new RedisDelivery("q", 0, id, Buffer.alloc(0), 1, 0);

  it("go to the next receive, and are not given back then", async () => {
    const kept = [delivery("1-0"), delivery("2-0")];
    late.keep(kept);
    expect(late.take()).toEqual(kept);
    expect(late.take()).toEqual([]);
    await jest.advanceTimersByTimeAsync(LONG);
    expect(givenBack).toBe(0);
  });

  it("are given back if there is none soon", async () => {
    late.keep([delivery("1-0")]);
    await jest.advanceTimersByTimeAsync(LONG);
    expect(givenBack).toBe(1);
    expect(late.take()).toEqual([]);
  });

  it("are kept for a receive, and given back later, if that fails", async () => {
    failure = new Error("no connection");
    const kept = delivery("1-0");
    late.keep([kept]);
    await jest.advanceTimersByTimeAsync(LONG);
    expect(givenBack).toBeGreaterThan(1);
    failure = undefined;
    expect(late.take()).toEqual([kept]);
  });

  it("are left out once they are lost", () => {
    const [lost, held] = [delivery("1-0"), delivery("2-0")];
    late.keep([lost, held]);
    lost.state = "lost";
    expect(late.take()).toEqual([held]);
  });

  it("do not keep a process busy after the end", async () => {
    late.keep([delivery("1-0")]);
    late.stop();
    await jest.advanceTimersByTimeAsync(LONG);
    expect(givenBack).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
