import type { Consumer } from "@chicory/core";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import type { AtMostOnceGate } from "../execution/at-most-once-gate.js";
import type { SettlementWriter } from "../execution/settlement-writer.js";
import type { Fetcher } from "./fetcher.js";
import { Session } from "./session.js";

afterEach(() => {
  jest.useRealTimers();
});

function setUp(close: () => Promise<void>) {
  const abort = new AbortController();
  const calls: string[] = [];
  const consumer = { queue: "q", close } as Partial<Consumer> as Consumer;
  const writer = { close: () => void calls.push("writer closed") } as Partial<SettlementWriter> as SettlementWriter;
  const session = new Session({ consumer, writer, gate: {} as AtMostOnceGate, fetcher: {} as Fetcher }, abort);
  return { session, abort, calls };
}

describe("session", () => {
  it("ends its fetches and its writer with its consumer", async () => {
    const { session, abort, calls } = setUp(() => {
      calls.push("consumer closed");
      return Promise.resolve();
    });
    await session.close();
    expect(abort.signal.aborted).toBe(true);
    expect(calls).toEqual(["writer closed", "consumer closed"]);
  });

  it("does not wait for ever for a consumer that does not close", async () => {
    jest.useFakeTimers();
    const { session } = setUp(() => new Promise(() => undefined));
    const closed = session.close().catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(String(await closed)).toContain('The consumer of queue "q" did not close in time');
  });

  it("says when a consumer did not close well", async () => {
    const { session } = setUp(() => Promise.reject(new Error("gone")));
    await expect(session.close()).rejects.toThrow("gone");
  });
});
