import { ClosedError, ConnectionError, silentLogger } from "@chicory/core";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { rejection } from "../../test/fixture.js";
import { fromServerText } from "../errors.js";
import type { Connection } from "./connection.js";
import { Link } from "./link.js";

const WAIT_MS = 5_000;

/** What a link sees of a connection. */
class FakeConnection {
  usable = true;
  readonly commands: string[] = [];
  readonly #onEnd: () => void;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  command(name: string): Promise<unknown> {
    this.commands.push(name);
    return Promise.resolve("OK");
  }

  close(): void {
    if (!this.usable) return;
    this.usable = false;
    this.#onEnd();
  }
}

describe("a link", () => {
  let opened: FakeConnection[];
  let attempts: number;
  let failure: Error | undefined;
  let ups: number;
  let link: Link;

  beforeEach(() => {
    jest.useFakeTimers();
    opened = [];
    attempts = 0;
    failure = undefined;
    ups = 0;
    link = new Link({
      address: "redis.test:6379",
      open: async (onEnd) => {
        attempts += 1;
        if (failure !== undefined) throw failure;
        const connection = new FakeConnection(onEnd);
        opened.push(connection);
        // Only the members above are used by a link.
        return connection as unknown as Connection;
      },
      waitMs: WAIT_MS,
      logger: silentLogger,
      onUp: () => {
        ups += 1;
      },
    });
  });
  afterEach(() => {
    link.close();
    jest.useRealTimers();
  });

  const down = () => {
    failure = new ConnectionError("down");
  };

  it("opens nothing by itself", async () => {
    await jest.advanceTimersByTimeAsync(60_000);
    expect(attempts).toBe(0);
    expect(link.current).toBeUndefined();
  });

  it("opens one connection for all who ask at the same time", async () => {
    const [one, other] = await Promise.all([link.ready(), link.ready()]);
    expect(one).toBe(other);
    expect(link.current).toBe(one);
    expect(attempts).toBe(1);
    expect(ups).toBe(1);
  });

  it("reports the reason of a first attempt at once, leaves nothing behind, and tries anew when asked again", async () => {
    down();
    expect(await rejection(link.ready(), ConnectionError)).toBe(failure);
    expect(jest.getTimerCount()).toBe(0);
    failure = undefined;
    await link.ready();
    expect(attempts).toBe(2);
  });

  it("restores a connection that broke, with growing pauses, and lets callers wait for it", async () => {
    await link.ready();
    down();
    opened[0]?.close();
    const waiting = link.ready();
    await jest.advanceTimersByTimeAsync(2_500);
    expect(attempts).toBeGreaterThan(4);
    expect(attempts).toBeLessThan(60);
    failure = undefined;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await waiting).toBe(opened[1]);
    expect(ups).toBe(2);
  });

  it("lets nobody wait longer than its time, and says why", async () => {
    await link.ready();
    down();
    opened[0]?.close();
    const waiting = rejection(link.ready(), ConnectionError);
    await jest.advanceTimersByTimeAsync(WAIT_MS);
    expect(await waiting).toBe(failure);
  });

  it("goes on growing its pauses when connections break as soon as they are open", async () => {
    await link.ready();
    for (let second = 0; second < 30; second++) {
      opened.at(-1)?.close();
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(attempts).toBeLessThan(100);
  });

  it("asks an idle server whether it is still there, and nobody after the connection broke", async () => {
    await link.ready();
    await jest.advanceTimersByTimeAsync(30_000);
    expect(opened[0]?.commands).toEqual(["ping", "ping", "ping"]);
    opened[0]?.close();
    await jest.advanceTimersByTimeAsync(9_000);
    expect(opened[0]?.commands).toHaveLength(3);
  });

  it("gives up a connection to a server that became a replica, but not again and again", async () => {
    await link.ready();
    const readOnly = fromServerText("READONLY You can't write against a read only replica.", "redis.test");
    const at = (index: number) => opened[index] as unknown as Connection;
    link.reconsider(at(0), fromServerText("OOM command not allowed", "redis.test"));
    expect(opened[0]?.usable).toBe(true);
    await jest.advanceTimersByTimeAsync(1_000);
    link.reconsider(at(0), readOnly);
    expect(opened[0]?.usable).toBe(false);
    await jest.advanceTimersByTimeAsync(500);
    link.reconsider(at(1), readOnly);
    link.reconsider(at(0), readOnly);
    expect(opened[1]?.usable).toBe(true);
    await jest.advanceTimersByTimeAsync(1_000);
    link.reconsider(at(1), readOnly);
    expect(opened[1]?.usable).toBe(false);
  });

  it("rejects who waits, and who asks, once it is closed", async () => {
    await link.ready();
    down();
    opened[0]?.close();
    const waiting = rejection(link.ready(), ClosedError);
    link.close();
    link.close();
    await waiting;
    await rejection(link.ready(), ClosedError);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(attempts).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("closes a connection that was being opened when it was closed", async () => {
    const opening = rejection(link.ready(), ClosedError);
    link.close();
    await opening;
    expect(opened[0]?.usable).toBe(false);
  });
});
