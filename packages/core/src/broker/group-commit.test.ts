import { describe, expect, it, jest } from "@jest/globals";
import { gate, outgoing } from "../../test/fake-driver.js";
import type { OutgoingMessage } from "../driver/outgoing-message.js";
import { ClosedError, QueueFullError } from "../errors/broker-error.js";
import { PublishError } from "../errors/publish-error.js";
import { GroupCommit, MAX_BATCH_MESSAGES, MAX_WAITING_MESSAGES } from "./group-commit.js";

const TIMEOUT_MS = 8_000;

function recording(
  write: (messages: readonly OutgoingMessage[], call: number) => Promise<void> = async () => undefined,
) {
  const batches: string[][] = [];
  const deadlines: number[] = [];
  const commits = new GroupCommit((messages, deadline) => {
    batches.push(messages.map(({ id }) => id));
    deadlines.push(deadline);
    return write(messages, batches.length);
  }, TIMEOUT_MS);
  return { batches, deadlines, commits };
}

/** Resolves when the current turn of the event loop is over. */
const turn = () => new Promise(setImmediate);

describe("group commit", () => {
  it("writes a lone send at once", async () => {
    const { batches, commits } = recording();
    await commits.submit([outgoing("a")]);
    expect(batches).toEqual([["a"]]);
  });

  it("joins the sends of one turn into one write, in order", async () => {
    const { batches, commits } = recording();
    await Promise.all(["a", "b", "c"].map((id) => commits.submit([outgoing(id)])));
    expect(batches).toEqual([["a", "b", "c"]]);
  });

  it("gathers what comes while a write is out, and writes it together afterwards", async () => {
    const first = gate();
    const { batches, commits } = recording((_, call) => (call === 1 ? first.opened : Promise.resolve()));
    const sends = [commits.submit([outgoing("a")])];
    await turn();
    for (const id of ["b", "c", "d"]) {
      sends.push(commits.submit([outgoing(id)]));
      await turn();
    }
    expect(batches).toEqual([["a"]]);
    first.open();
    await Promise.all(sends);
    expect(batches).toEqual([["a"], ["b", "c", "d"]]);
  });

  it("has two writes out when many wait, begun in the order of the sends", async () => {
    const blocked = gate();
    const { batches, commits } = recording(() => blocked.opened);
    const ids = Array.from({ length: 99 }, (_, index) => String(index));
    const sends = ids.map((id) => commits.submit([outgoing(id)]));
    await turn();
    expect(batches).toEqual([ids.slice(0, 50), ids.slice(50)]);
    blocked.open();
    await Promise.all(sends);
  });

  it("writes what the senders of one write send next while the other one is still out", async () => {
    const gates = [gate(), gate()];
    const { batches, commits } = recording((_, call) => gates[call - 1]?.opened ?? Promise.resolve());
    const all = Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await commits.submit([outgoing(`first ${index}`)]);
        await commits.submit([outgoing(`second ${index}`)]);
      }),
    );
    await turn();
    gates[0]?.open();
    await turn();
    expect(batches.map((batch) => batch.length)).toEqual([20, 20, 20]);
    expect(batches[2]?.[0]).toBe("second 0");
    gates[1]?.open();
    await all;
  });

  it("never has more than two writes out", async () => {
    let out = 0;
    let most = 0;
    const { batches, commits } = recording(async () => {
      out += 1;
      most = Math.max(most, out);
      await turn();
      out -= 1;
    });
    await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        for (let turns = 0; turns < index % 5; turns++) await turn();
        await commits.submit([outgoing(String(index))]);
      }),
    );
    expect(most).toBe(2);
    expect(batches.flat()).toHaveLength(500);
  });

  it("counts a send's time from its call, though it waits for the write before it", async () => {
    const now = jest.spyOn(performance, "now");
    try {
      const first = gate();
      const { deadlines, commits } = recording((_, call) => (call === 1 ? first.opened : Promise.resolve()));
      now.mockReturnValue(0);
      const sends = [commits.submit([outgoing("a")])];
      await turn();
      now.mockReturnValue(1_000);
      sends.push(commits.submit([outgoing("b")]));
      now.mockReturnValue(7_000);
      first.open();
      await Promise.all(sends);
      expect(deadlines).toEqual([TIMEOUT_MS, 1_000 + TIMEOUT_MS]);
    } finally {
      now.mockRestore();
    }
  });

  it("writes sends that are far apart in age one after the other, so that none has much less time than it should", async () => {
    const now = jest.spyOn(performance, "now");
    try {
      const first = gate();
      const { batches, deadlines, commits } = recording((_, call) => (call === 1 ? first.opened : Promise.resolve()));
      now.mockReturnValue(0);
      const sends = [commits.submit([outgoing("a")])];
      await turn();
      for (const at of [1_000, 2_000, 2_001]) {
        now.mockReturnValue(at);
        sends.push(commits.submit([outgoing(`at ${at}`)]));
      }
      first.open();
      await Promise.all(sends);
      expect(batches).toEqual([["a"], ["at 1000", "at 2000"], ["at 2001"]]);
      expect(deadlines).toEqual([0, 1_000, 2_001].map((at) => at + TIMEOUT_MS));
    } finally {
      now.mockRestore();
    }
  });

  it("bounds a write by number of messages", async () => {
    const { batches, commits } = recording();
    await Promise.all(Array.from({ length: 2_500 }, (_, index) => commits.submit([outgoing(String(index))])));
    expect(batches.slice(0, 2).map((batch) => batch.length)).toEqual([MAX_BATCH_MESSAGES, MAX_BATCH_MESSAGES]);
    expect(batches.slice(2).flat()).toHaveLength(500);
  });

  it("bounds a write by size, and writes a message above the bound by itself", async () => {
    const { batches, commits } = recording();
    const large = (id: string) => commits.submit([outgoing(id, { body: "x".repeat(3_000_000) })]);
    await Promise.all([large("a"), large("b"), commits.submit([outgoing("c")])]);
    expect(batches).toEqual([["a"], ["b", "c"]]);
  });

  it("rejects only the sends whose messages failed", async () => {
    const { commits } = recording(async (messages) => {
      const [, message] = messages;
      if (message) throw new PublishError([{ message, outcome: "rejected", cause: new QueueFullError("full") }]);
    });
    const results = await Promise.allSettled(["a", "b", "c"].map((id) => commits.submit([outgoing(id)])));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("tells two messages with the same id apart", async () => {
    const { commits } = recording(async (messages) => {
      const [message] = messages;
      if (message) throw new PublishError([{ message, outcome: "rejected", cause: new QueueFullError("full") }]);
    });
    const results = await Promise.allSettled([commits.submit([outgoing("a")]), commits.submit([outgoing("a")])]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  it("goes on after a failed write, and calls a failure that says nothing unknown", async () => {
    const { commits } = recording((_, call) => (call === 1 ? Promise.reject(new Error("odd")) : Promise.resolve()));
    await expect(commits.submit([outgoing("a")])).rejects.toMatchObject({ outcome: "unknown" });
    await expect(commits.submit([outgoing("b")])).resolves.toBeUndefined();
  });

  it("refuses a producer that runs too far ahead instead of buffering without end", async () => {
    const blocked = gate();
    const { commits } = recording(() => blocked.opened);
    const message = outgoing("a");
    const many = Array.from({ length: MAX_WAITING_MESSAGES }, () => message);
    const first = commits.submit(many);
    const refused = commits.submit([message]);
    await expect(refused).rejects.toMatchObject({ outcome: "rejected", cause: expect.any(QueueFullError) });
    blocked.open();
    await first;
    await expect(commits.submit([message])).resolves.toBeUndefined();
  });

  it("settles what was accepted before it closes, and refuses what comes after", async () => {
    const blocked = gate();
    const { batches, commits } = recording(() => blocked.opened);
    const sent = commits.submit([outgoing("a")]);
    const closed = commits.close();
    await expect(commits.submit([outgoing("b")])).rejects.toMatchObject({ cause: expect.any(ClosedError) });
    blocked.open();
    await Promise.all([sent, closed, commits.close()]);
    expect(batches).toEqual([["a"]]);
  });

  it("writes what waits for a write before it closes", async () => {
    const blocked = gate();
    const { batches, commits } = recording(() => blocked.opened);
    const sends = [commits.submit([outgoing("a")])];
    await turn();
    sends.push(commits.submit([outgoing("b")]));
    const closed = commits.close();
    blocked.open();
    await Promise.all([...sends, closed]);
    expect(batches).toEqual([["a"], ["b"]]);
  });
});
