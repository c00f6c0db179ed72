import { ConnectionError, type Consumer, type Delivery } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Deferred, deferred, settled } from "../../test/deferred.js";
import { delivery } from "../../test/deliveries.js";
import { LookAhead } from "../execution/look-ahead.js";
import { Outage } from "../outage.js";
import { Fetcher } from "./fetcher.js";

interface Call {
  readonly max: number;
  readonly answer: Deferred<readonly Delivery[]>;
}

function setUp(concurrency: number, limit = concurrency) {
  const calls: Call[] = [];
  const open = new Set<Call>();
  const abort = new AbortController();
  const state = { inFlight: 0, waiting: 0, lastAnsweredAt: 1, closed: 0 };
  const errors: unknown[] = [];
  const outage = new Outage();
  const consumer: Consumer = {
    queue: "q",
    get lastAnsweredAt() {
      return state.lastAnsweredAt;
    },
    receive(max) {
      const call: Call = { max, answer: deferred<readonly Delivery[]>() };
      calls.push(call);
      open.add(call);
      return call.answer.promise.finally(() => open.delete(call));
    },
    settle: () => Promise.resolve({ lost: [] }),
    close: () => Promise.resolve(),
  };
  const fetcher: Fetcher = new Fetcher({
    consumer,
    concurrency,
    signal: abort.signal,
    room: () => limit - state.inFlight,
    isStocked: () => state.waiting > 0,
    lookAhead: new LookAhead(true),
    outage,
    onDeliveries: (deliveries) => {
      state.inFlight += deliveries.length;
    },
    onError: (error) => void errors.push(error),
    onClosed: () => {
      state.closed += 1;
    },
    onProgress: () => fetcher.fetch(),
  });
  return { fetcher, calls, open, state, errors, outage, abort };
}

const several = (count: number) => Array.from({ length: count }, () => delivery());

describe("fetcher", () => {
  it("asks for as many as there is room for", () => {
    const { fetcher, calls } = setUp(10);
    fetcher.fetch();
    fetcher.fetch();
    expect(calls.map(({ max }) => max)).toEqual([10]);
  });

  it("asks for a single free slot at once if nothing is out, and beside a fetch only for a worthwhile number", async () => {
    const { fetcher, calls, state } = setUp(16);
    state.inFlight = 15;
    fetcher.fetch();
    state.inFlight = 12;
    fetcher.fetch();
    expect(calls.map(({ max }) => max)).toEqual([1]);
    state.inFlight = 11;
    fetcher.fetch();
    expect(calls.map(({ max }) => max)).toEqual([1, 4]);
    state.inFlight = 0;
    fetcher.fetch();
    expect(calls).toHaveLength(2);
  });

  it("does not hurry while a stock waits for slots", () => {
    const { fetcher, calls, state } = setUp(16, 32);
    Object.assign(state, { inFlight: 30, waiting: 14 });
    fetcher.fetch();
    expect(calls).toEqual([]);
    state.inFlight = 28;
    fetcher.fetch();
    expect(calls.map(({ max }) => max)).toEqual([4]);
  });

  it("splits a large room into two fetches that overlap", () => {
    const { fetcher, calls } = setUp(100, 200);
    fetcher.fetch();
    expect(calls.map(({ max }) => max)).toEqual([100, 100]);
  });

  it("never has asked for more than there is room for, whatever the order of events", async () => {
    const step = fc.record({ kind: fc.constantFrom("fetch", "answer", "end", "fail"), amount: fc.nat(40) });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.array(step, { maxLength: 40 }),
        async (concurrency, ahead, steps) => {
          const limit = ahead ? concurrency * 2 : concurrency;
          const { fetcher, open, state, abort } = setUp(concurrency, limit);
          for (const { kind, amount } of steps) {
            const [call] = open;
            if (kind === "answer") call?.answer.resolve(several(Math.min(amount + 1, call.max)));
            if (kind === "fail") call?.answer.reject(new ConnectionError("down"));
            if (kind === "end") state.inFlight = Math.max(0, state.inFlight - amount);
            await Promise.resolve();
            await Promise.resolve();
            await Promise.resolve();
            fetcher.fetch();
            const requested = [...open].reduce((sum, { max }) => sum + max, 0);
            expect(open.size).toBeLessThanOrEqual(2);
            expect(state.inFlight + requested).toBeLessThanOrEqual(limit);
          }
          abort.abort();
        },
      ),
      { numRuns: 200 },
    );
  });

  it("pauses after a failure, and asks again", async () => {
    const { fetcher, calls, errors, outage } = setUp(10);
    fetcher.fetch();
    const error = new ConnectionError("down");
    calls[0]!.answer.reject(error);
    await settled();
    fetcher.fetch();
    expect(calls).toHaveLength(1);
    expect(errors).toEqual([error]);
    expect(outage.error).toBe(error);
    await eventually(() => calls.length === 2);
    calls[1]!.answer.resolve(several(1));
    await settled();
    expect(outage.error).toBeUndefined();
  });

  it("says that the consumer was closed when a fetch comes back empty, and not after an abort", async () => {
    const { fetcher, calls, state, abort } = setUp(1);
    fetcher.fetch();
    calls[0]!.answer.resolve([]);
    await settled();
    expect(state.closed).toBe(1);
    fetcher.fetch();
    abort.abort();
    calls[1]!.answer.resolve([]);
    await settled();
    expect(state.closed).toBe(1);
    fetcher.fetch();
    expect(calls).toHaveLength(2);
  });

  it("measures silence only while a fetch is out, and until the broker says anything", async () => {
    const { fetcher, state } = setUp(1);
    await eventually(() => performance.now() > 0);
    expect(fetcher.silenceMs).toBe(0);
    fetcher.fetch();
    await eventually(() => fetcher.silenceMs > 5);
    state.lastAnsweredAt += 1;
    const before = fetcher.silenceMs;
    fetcher.observe();
    expect(fetcher.silenceMs).toBeLessThan(before);
    await eventually(() => fetcher.silenceMs > 5);
    fetcher.observe();
    expect(fetcher.silenceMs).toBeGreaterThan(5);
  });
});
