import {
  type Delivery,
  DeliveryMode,
  type Settlement,
  SettlementError,
  type SettleResult,
  type StandardSchema,
  type TaskDefinition,
} from "@chicory/core";
import { describe, expect, it } from "@jest/globals";
import { type Deferred, deferred, settled } from "../../test/deferred.js";
import { run } from "../../test/deliveries.js";
import { AtMostOnceGate } from "./at-most-once-gate.js";
import { Execution } from "./execution.js";
import type { SettlementWriter } from "./settlement-writer.js";

function setUp() {
  const calls: { settlements: readonly Settlement[]; answer: Deferred<SettleResult> }[] = [];
  const told: { what: string; execution: Execution }[] = [];
  const tell = (what: string) => (execution: Execution) => void told.push({ what, execution });
  const gate: AtMostOnceGate = new AtMostOnceGate({
    settle: (settlements) => {
      const answer = deferred<SettleResult>();
      calls.push({ settlements, answer });
      return answer.promise;
    },
    onTaken: tell("taken"),
    onRefused: tell("refused"),
    onLost: tell("lost"),
    onUnknown: tell("unknown"),
    onError: () => undefined,
    onProgress: () => gate.flush(),
  });
  const add = (task: Partial<TaskDefinition> = {}): Execution => {
    const plain = run();
    const execution = new Execution(
      { ...plain, task: { ...plain.task, ...task }, mode: DeliveryMode.AT_MOST_ONCE },
      // The gate settles by itself.
      undefined as unknown as SettlementWriter,
      { decide: () => undefined, release: () => undefined },
    );
    gate.add(execution);
    return execution;
  };
  return { gate, calls, told, add };
}

const deliveryOf = ({ run: { delivery } }: Execution): Delivery => delivery;

describe("at-most-once gate", () => {
  it("lets a task pass when its ack took, and not before", async () => {
    const { gate, calls, told, add } = setUp();
    const [first, second] = [add(), add()];
    expect(calls).toEqual([]);
    gate.flush();
    expect(calls[0]!.settlements).toEqual(
      [first, second].map((execution) => ({ kind: "ack", delivery: deliveryOf(execution), beforeRun: true })),
    );
    expect(told).toEqual([]);
    calls[0]!.answer.resolve({ lost: [] });
    await settled();
    expect(told).toEqual([
      { what: "taken", execution: first },
      { what: "taken", execution: second },
    ]);
  });

  it("does not run what was lost", async () => {
    const { gate, calls, told, add } = setUp();
    const [first, second] = [add(), add()];
    gate.flush();
    calls[0]!.answer.resolve({ lost: [deliveryOf(first)] });
    await settled();
    expect(told).toEqual([
      { what: "lost", execution: first },
      { what: "taken", execution: second },
    ]);
  });

  it("does not run what may not have taken, and asks no second time", async () => {
    const { gate, calls, told, add } = setUp();
    const [failed, lost, took] = [add(), add(), add()];
    gate.flush();
    const ack = { kind: "ack", delivery: deliveryOf(failed), beforeRun: true } as const;
    calls[0]!.answer.reject(new SettlementError([ack], new Error("no answer"), [deliveryOf(lost)]));
    await settled();
    expect(told).toEqual([
      { what: "unknown", execution: failed },
      { what: "lost", execution: lost },
      { what: "taken", execution: took },
    ]);
    expect(calls).toHaveLength(1);
  });

  it("runs nothing of a call that failed in a way of its own", async () => {
    const { gate, calls, told, add } = setUp();
    add();
    add();
    gate.flush();
    calls[0]!.answer.reject(new TypeError("a bug"));
    await settled();
    expect(told.map(({ what }) => what)).toEqual(["unknown", "unknown"]);
  });

  it("does not run what was decided while its ack was out", async () => {
    const { gate, calls, told, add } = setUp();
    const execution = add();
    gate.flush();
    execution.decided = true;
    calls[0]!.answer.resolve({ lost: [] });
    await settled();
    expect(told).toEqual([]);
  });

  it("asks the schema before it acks, and keeps what that made of the input", async () => {
    const { calls, told, add } = setUp();
    const answer = deferred<{ value: unknown }>();
    const execution = add({ schema: schemaOf(() => answer.promise) });
    await settled();
    expect(calls).toEqual([]);
    answer.resolve({ value: "decoded" });
    await settled();
    expect(execution.validated).toEqual({ input: "decoded" });
    calls[0]!.answer.resolve({ lost: [] });
    await settled();
    expect(told).toEqual([{ what: "taken", execution }]);
  });

  it("does not ack what the schema refuses", async () => {
    const { calls, told, add } = setUp();
    const execution = add({ schema: schemaOf(() => ({ issues: [{ message: "no" }] })) });
    await settled();
    expect(told).toEqual([{ what: "refused", execution }]);
    expect(calls).toEqual([]);
  });

  it("gives back what was not sent, and forgets it", async () => {
    const { gate, calls, told, add } = setUp();
    const sent = add();
    gate.flush();
    const answer = deferred<{ value: unknown }>();
    const validating = add({ schema: schemaOf(() => answer.promise) });
    const waiting = add();
    expect(gate.takeUnsent()).toEqual([validating, waiting]);
    answer.resolve({ value: 1 });
    await settled();
    gate.flush();
    expect(calls).toHaveLength(1);
    calls[0]!.answer.resolve({ lost: [] });
    await settled();
    expect(told).toEqual([{ what: "taken", execution: sent }]);
  });
});

function schemaOf(validate: StandardSchema["~standard"]["validate"]): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}
