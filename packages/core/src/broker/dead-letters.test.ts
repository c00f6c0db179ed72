import { describe, expect, it } from "@jest/globals";
import { message } from "../../test/deliveries.js";
import { FakeDriver } from "../../test/fake-driver.js";
import type { StoredDeadLetter } from "../driver/dead-letter.js";
import type { QueueAdmin, Replay } from "../driver/queue-admin.js";
import { decodeEnvelope } from "../wire/decode.js";
import { DeadLetters } from "./dead-letters.js";

function letter(id: string, body: string = JSON.stringify(message({ id }))): StoredDeadLetter {
  const record = { reason: "rejected", queue: "q", failedAt: 1, attempts: 1, deliveryCount: 1 } as const;
  return { id, record, body: Buffer.from(body) };
}

/** Dead letters of a list in memory; replayed ones are removed, as a driver does. */
function lettersOf(
  stored: StoredDeadLetter[],
  onReplay: (replays: readonly Replay[]) => void = () => undefined,
  onBrowse: (call: number) => void = () => undefined,
) {
  const replayed: Replay[] = [];
  const calls = { browse: 0, find: 0 };
  const admin: Partial<QueueAdmin> = {
    browseDeadLetters: async (_queue, { limit = 100, after } = {}) => {
      calls.browse += 1;
      onBrowse(calls.browse);
      const start = after === undefined ? 0 : stored.findIndex(({ id }) => id > after);
      const letters = start < 0 ? [] : stored.slice(start, start + limit);
      const last = letters.at(-1);
      return last !== undefined && last !== stored.at(-1) ? { letters, next: last.id } : { letters };
    },
    findDeadLetter: async (_queue, id) => {
      calls.find += 1;
      return stored.find((kept) => kept.id === id);
    },
    depth: async (queue) => ({ queue, ready: 0, delayed: 0, inFlight: 0, deadLetters: stored.length }),
    replayDeadLetters: async (_queue, replays) => {
      replayed.push(...replays);
      for (const { letterId } of replays)
        stored.splice(
          stored.findIndex(({ id }) => id === letterId),
          1,
        );
      onReplay(replays);
      return replays.map(({ letterId }) => letterId);
    },
  };
  return { replayed, calls, letters: new DeadLetters("q", async () => new FakeDriver(() => undefined, admin)) };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `l-${String(index).padStart(4, "0")}`);

describe("dead letters", () => {
  it("replays with a fresh set of attempts and nothing left of the failures", async () => {
    const body = message({
      retries: 3,
      priority: 4,
      headers: { a: "b" },
      mode: "at-least-once",
      extra: 1,
      firstFailureAt: 5,
      lastError: { name: "E", message: "m" },
      unknownTaskTries: 10,
    });
    const { letters, replayed } = lettersOf([letter("l-1", JSON.stringify(body))]);
    expect(await letters.replay()).toBe(1);
    expect(replayed).toMatchObject([{ letterId: "l-1", message: { id: "m-1", queue: "q", priority: 4 } }]);
    expect(decodeEnvelope(Buffer.from(replayed[0]?.message.body ?? ""))).toEqual(
      message({ retries: 0, priority: 4, headers: { a: "b" }, mode: "at-least-once", extra: 1 }),
    );
  });

  it("replays what cannot be decoded byte for byte", async () => {
    const { letters, replayed } = lettersOf([letter("l-1", "{oops")]);
    await letters.replay();
    expect(Buffer.from(replayed[0]?.message.body ?? "").toString()).toBe("{oops");
  });

  it("replays page after page", async () => {
    const { letters, replayed } = lettersOf(ids(250).map((id) => letter(id)));
    expect(await letters.replay()).toBe(250);
    expect(replayed.map(({ letterId }) => letterId)).toEqual(ids(250));
  });

  it("replays only the letters that were named and exist", async () => {
    const { letters, replayed } = lettersOf(["a", "b", "c"].map((id) => letter(id)));
    expect(await letters.replay({ ids: ["c", "x", "a"] })).toBe(2);
    expect(new Set(replayed.map(({ letterId }) => letterId))).toEqual(new Set(["a", "c"]));
    expect(replayed).toHaveLength(2);
  });

  it("looks for many letters page by page, and for few among many one by one", async () => {
    const many = lettersOf(ids(250).map((id) => letter(id)));
    expect(await many.letters.replay({ ids: ids(240).slice(150) })).toBe(90);
    expect(many.calls).toEqual({ browse: 3, find: 0 });
    const few = lettersOf(ids(250).map((id) => letter(id)));
    expect(await few.letters.replay({ ids: ["l-0249", "l-0249", "gone"] })).toBe(1);
    expect(few.calls).toEqual({ browse: 0, find: 2 });
  });

  it("comes to an end though letters are buried as fast as it reads, and one that was named is gone", async () => {
    const stored = ids(150).map((id) => letter(id));
    const { letters, calls } = lettersOf(stored, undefined, (call) => {
      if (call > 50) throw new Error("it reads on and on");
      stored.push(...ids(100).map((id) => letter(`m${call + 100}${id}`)));
    });
    expect(await letters.replay({ ids: [...ids(150).slice(50), "gone"] })).toBe(100);
    expect(calls.find).toBe(1);
  });

  it("does not chase letters that its own replay brings forth", async () => {
    const stored = ids(3).map((id) => letter(id));
    const { letters } = lettersOf(stored, (replays) => {
      stored.push(...replays.map(({ letterId }) => letter(`m${letterId}`)));
    });
    expect(await letters.replay()).toBe(3);
    expect(stored).toHaveLength(3);
  });

  it("keeps to a rate, and stops when told", async () => {
    const controller = new AbortController();
    const { letters, replayed } = lettersOf(
      ids(50).map((id) => letter(id)),
      () => controller.abort(new Error("enough")),
    );
    await expect(letters.replay({ ratePerSecond: 20, signal: controller.signal })).rejects.toThrow("enough");
    expect(replayed).toHaveLength(2);
  });
});
