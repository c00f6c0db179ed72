import type { Consumer } from "@chicory/core";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { ReceiveLine } from "./receive-line.js";
import { RedisDelivery } from "./redis-delivery.js";

const never = new AbortController().signal;
const one = {} as Consumer;
const other = {} as Consumer;

function deliveries(count: number): RedisDelivery[] {
  return Array.from({ length: count }, (_, index) => new RedisDelivery("q", 0, `${index}-0`, Buffer.alloc(0), 1, 0));
}

describe("the receives that wait", () => {
  let emptied: number;
  let line: ReceiveLine;
  beforeEach(() => {
    emptied = 0;
    line = new ReceiveLine(() => {
      emptied += 1;
    });
  });

  it("are served first come, first served, each up to its maximum", async () => {
    const first = line.wait(one, 2, never);
    const second = line.wait(other, 5, never);
    expect([line.wanted, line.size]).toEqual([7, 2]);
    const all = deliveries(4);
    expect(line.serve(all)).toEqual([]);
    expect(await first).toEqual(all.slice(0, 2));
    expect(await second).toEqual(all.slice(2));
    expect(all.map(({ consumer }) => consumer)).toEqual([one, one, other, other]);
    expect([line.wanted, line.size]).toEqual([0, 0]);
  });

  it("leave over what nobody waits for", async () => {
    const receiving = line.wait(one, 1, never);
    const all = deliveries(3);
    expect(line.serve(all)).toEqual(all.slice(1));
    expect(await receiving).toEqual(all.slice(0, 1));
    expect(line.serve(all)).toEqual(all);
  });

  it("resolve empty when their signal aborts, and tell when nobody waits any more", async () => {
    const abort = new AbortController();
    const aborted = line.wait(one, 3, abort.signal);
    const staying = line.wait(one, 2, never);
    abort.abort();
    expect(await aborted).toEqual([]);
    expect([line.wanted, emptied]).toEqual([2, 0]);
    line.dismiss(one);
    expect(await staying).toEqual([]);
    expect([line.wanted, emptied]).toEqual([0, 1]);
  });

  it("leave nothing at the signals of receives that were served", async () => {
    const abort = new AbortController();
    const receiving = line.wait(one, 1, abort.signal);
    line.serve(deliveries(1));
    abort.abort();
    expect(await receiving).toHaveLength(1);
    expect([line.wanted, emptied]).toEqual([0, 0]);
  });

  it("reject together when the queue cannot be read", async () => {
    const error = new Error("no");
    const receiving = [line.wait(one, 1, never), line.wait(other, 1, never)];
    line.fail(error);
    expect(await Promise.allSettled(receiving)).toEqual([
      { status: "rejected", reason: error },
      { status: "rejected", reason: error },
    ]);
    expect(line.wanted).toBe(0);
  });
});
