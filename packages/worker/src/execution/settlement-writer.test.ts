import { type Delivery, type Settlement, SettlementError, type SettleResult } from "@chicory/core";
import { eventually } from "@chicory/test-servers";
import { describe, expect, it } from "@jest/globals";
import { type Deferred, deferred, settled } from "../../test/deferred.js";
import { success } from "../../test/deliveries.js";
import { Outage } from "../outage.js";
import type { Outcome } from "./outcome.js";
import { SettlementWriter } from "./settlement-writer.js";

interface Call {
  readonly settlements: readonly Settlement[];
  readonly answer: Deferred<SettleResult>;
}

/** A writer whose calls a test answers. It flushes whenever there is progress, as a queue's turn does. */
function setUp(settle?: (settlements: readonly Settlement[]) => Promise<SettleResult>) {
  const calls: Call[] = [];
  const done: Outcome[] = [];
  const lost: Outcome[] = [];
  const errors: unknown[] = [];
  const outage = new Outage();
  const writer: SettlementWriter = new SettlementWriter({
    settle:
      settle ??
      ((settlements) => {
        const call = { settlements, answer: deferred<SettleResult>() };
        calls.push(call);
        return call.answer.promise;
      }),
    outage,
    onSettled: (outcome) => void done.push(outcome),
    onLost: (outcome) => void lost.push(outcome),
    onError: (error) => void errors.push(error),
    onProgress: () => writer.flush(),
  });
  const add = (count: number): Outcome[] => {
    const outcomes = Array.from({ length: count }, () => success());
    for (const outcome of outcomes) writer.add(outcome);
    writer.flush();
    return outcomes;
  };
  const answer = async (index: number, gone: readonly Delivery[] = []) => {
    calls[index]!.answer.resolve({ lost: gone });
    await settled();
  };
  const fail = async (index: number, error: unknown) => {
    calls[index]!.answer.reject(error);
    await settled();
  };
  return { writer, calls, done, lost, errors, outage, add, answer, fail };
}

describe("settlement writer", () => {
  it("writes at once if nothing is out, and gathers while two calls are", async () => {
    const { writer, calls, done, add, answer } = setUp();
    const outcomes = [...add(1), ...add(2), ...add(3), ...add(4)];
    expect(calls.map(({ settlements }) => settlements.length)).toEqual([1, 2]);
    expect(writer.unsettled).toBe(10);
    await answer(0);
    expect(calls.map(({ settlements }) => settlements.length)).toEqual([1, 2, 7]);
    await answer(1);
    await answer(2);
    expect(done).toEqual(outcomes);
    expect(writer.unsettled).toBe(0);
  });

  it("never puts more into one call than a server should do in one step", async () => {
    const { calls, add, answer } = setUp();
    add(1_200);
    await answer(0);
    expect(calls.map(({ settlements }) => settlements.length)).toEqual([500, 500, 200]);
  });

  it("reports as lost what the broker says is lost", async () => {
    const { done, lost, add, answer } = setUp();
    const [first, second] = add(2);
    await answer(0, [first!.settlement.delivery]);
    expect(lost).toEqual([first]);
    expect(done).toEqual([second]);
  });

  it("repeats what did not certainly take, and only that", async () => {
    const { calls, done, add, fail, errors, outage, writer } = setUp();
    const [first, second, third] = add(3);
    const cause = new Error("no answer");
    await fail(0, new SettlementError([second!.settlement], cause, [third!.settlement.delivery]));
    expect(done).toEqual([first]);
    expect(writer.unsettled).toBe(1);
    expect(errors).toHaveLength(1);
    expect(outage.error).toBe(errors[0]);
    await eventually(() => calls.length === 2);
    expect(calls[1]!.settlements).toEqual([second!.settlement]);
    calls[1]!.answer.resolve({ lost: [] });
    await eventually(() => done.length === 2);
    expect(outage.durationMs).toBe(0);
  });

  it("takes a repetition that is answered with lost for one that had taken", async () => {
    const { calls, done, lost, add, fail } = setUp();
    const [outcome] = add(1);
    await fail(0, new SettlementError([outcome!.settlement], new Error("the answer was lost")));
    await eventually(() => calls.length === 2);
    calls[1]!.answer.resolve({ lost: [outcome!.settlement.delivery] });
    await eventually(() => done.length === 1);
    expect(lost).toEqual([]);
  });

  it("repeats everything when a driver fails in a way of its own, even by throwing", async () => {
    let calls = 0;
    const { done, add } = setUp((settlements) => {
      calls += 1;
      if (calls === 1) throw new TypeError("a bug");
      if (calls === 2) return Promise.reject(new Error("another"));
      return Promise.resolve({ lost: settlements.length === 3 ? [] : [settlements[0]!.delivery] });
    });
    const outcomes = add(3);
    await eventually(() => done.length === 3);
    expect(done).toEqual(outcomes);
  });

  it("lets nothing that never takes hold up the rest", async () => {
    const poison = success();
    const { writer, done, add } = setUp((settlements) =>
      settlements.includes(poison.settlement)
        ? Promise.reject(new SettlementError([poison.settlement], new Error("refused")))
        : Promise.resolve({ lost: [] }),
    );
    writer.add(poison);
    const others = [...add(2), ...add(3)];
    await eventually(() => done.length === 5);
    expect(new Set(done)).toEqual(new Set(others));
    expect(writer.unsettled).toBe(1);
    writer.close();
  });

  it("survives a storm of failures without losing or repeating a report", async () => {
    let calls = 0;
    const { writer, done, lost, add } = setUp(async (settlements) => {
      calls += 1;
      await new Promise((resolve) => setImmediate(resolve));
      if (calls % 3 === 0) throw new Error("storm");
      if (calls % 3 === 1) {
        throw new SettlementError(
          settlements.filter((_, index) => index % 2 === 0),
          new Error("partly"),
        );
      }
      return { lost: [] };
    });
    const outcomes = Array.from({ length: 20 }, (_, index) => add(index + 1)).flat();
    await eventually(() => writer.unsettled === 0);
    expect(lost).toEqual([]);
    expect(done).toHaveLength(outcomes.length);
    expect(new Set(done)).toEqual(new Set(outcomes));
  });

  it("gives up what was lost before it was written, while it is out, and while it waits for another attempt", async () => {
    const { writer, calls, done, lost, add, answer, fail } = setUp();
    const [out] = add(1);
    const [pausing] = add(1);
    const [fresh, kept] = add(2);
    await fail(1, new Error("no answer"));
    await answer(2, []);
    expect(done).toEqual([fresh, kept]);
    const [unwritten] = add(1);
    expect(calls).toHaveLength(4);
    const [waiting] = add(1);
    writer.lose(new Set([out!, pausing!, unwritten!, waiting!].map(({ settlement }) => settlement.delivery)));
    expect(lost).toEqual([waiting]);
    await answer(0);
    await answer(3);
    await eventually(() => writer.unsettled === 0);
    expect(new Set(lost)).toEqual(new Set([waiting, out, unwritten, pausing]));
    expect(done).toEqual([fresh, kept]);
  });

  it("reports what is open as lost when it is closed, and does not listen any more", async () => {
    const { writer, calls, done, lost, add, answer, fail } = setUp();
    const outcomes = [...add(1), ...add(1), ...add(1)];
    await fail(1, new Error("no answer"));
    writer.close();
    writer.close();
    expect(writer.unsettled).toBe(0);
    expect(new Set(lost)).toEqual(new Set(outcomes));
    await answer(0);
    await answer(2);
    writer.flush();
    expect(done).toEqual([]);
    expect(calls).toHaveLength(3);
  });
});
