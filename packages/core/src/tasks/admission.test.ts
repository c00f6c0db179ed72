import { describe, expect, it } from "@jest/globals";
import { delivery, message, task } from "../../test/deliveries.js";
import type { Delivery } from "../driver/delivery.js";
import { UndecodableError } from "../errors/message-errors.js";
import { decodeEnvelope } from "../wire/decode.js";
import { type Admission, type AdmissionPolicy, admit } from "./admission.js";
import type { TaskDefinition } from "./task-definition.js";

const policy: AdmissionPolicy = { maxDeliveries: 5, unknownTask: { maxRetries: 2, delayMs: 30_000 }, worker: "w-1" };
const known = task();
const decide = (given: Delivery, found: TaskDefinition | undefined = known) =>
  admit(given, () => found, policy, 50_000);

function settlementOf(admission: Admission) {
  if (admission.kind !== "settle") throw new Error("the delivery was admitted to run");
  return admission.settlement;
}

function letterOf(admission: Admission) {
  const settlement = settlementOf(admission);
  if (settlement.kind !== "deadLetter") throw new Error(`the settlement is a ${settlement.kind}`);
  return settlement.letter;
}

describe("admission", () => {
  it("runs a known task with the mode that the message says", () => {
    expect(decide(delivery(message()))).toMatchObject({ kind: "run", mode: "at-least-once", message: { id: "m-1" } });
    expect(decide(delivery(message({ mode: "at-most-once" })))).toMatchObject({ kind: "run", mode: "at-most-once" });
  });

  it("takes the mode of the worker's task for a message that says none", () => {
    expect(decide(delivery(message()), task({ deliveryMode: "at-most-once" }))).toMatchObject({ mode: "at-most-once" });
  });

  it("buries what it cannot decode, byte for byte", () => {
    const given = delivery("{oops");
    const { record, body } = letterOf(decide(given));
    expect(body).toBe(given.body);
    expect(record).toMatchObject({ reason: "undecodable", queue: "q", attempts: 0, failedAt: 50_000, worker: "w-1" });
    expect(record.error).toMatchObject({ name: "UndecodableError", code: "CHICORY_UNDECODABLE" });
  });

  it("tells what is wrong with a message as it was thrown, so that whoever logs it decides about its stack", () => {
    expect(decide(delivery("{oops"))).toMatchObject({ kind: "settle", error: expect.any(UndecodableError) });
  });

  it("never runs a task at most once that may have been handed out before", () => {
    const given = delivery(message({ mode: "at-most-once" }), { redelivered: true, deliveryCount: 2 });
    expect(letterOf(decide(given)).record).toMatchObject({ reason: "maybe-executed", taskId: "m-1", taskName: "t" });
  });

  it("runs a task at least once that was handed out before, up to the limit", () => {
    expect(decide(delivery(message(), { redelivered: true, deliveryCount: 5 })).kind).toBe("run");
    const beyond = decide(delivery(message({ retries: 1 }), { redelivered: true, deliveryCount: 6 }));
    expect(letterOf(beyond).record).toMatchObject({ reason: "delivery-limit", deliveryCount: 6, attempts: 2 });
  });

  it("puts a message for an unknown task back with a delay and everything that it holds", () => {
    const settlement = settlementOf(
      admit(delivery(message({ priority: 3, headers: { a: "b" }, extra: [1] })), () => undefined, policy, 50_000),
    );
    if (settlement.kind !== "retry") throw new Error(settlement.kind);
    expect(settlement.replacement).toMatchObject({ id: "m-1", queue: "q", priority: 3, notBefore: 80_000 });
    expect(decodeEnvelope(Buffer.from(settlement.replacement.body))).toEqual(
      message({ priority: 3, headers: { a: "b" }, extra: [1], unknownTaskTries: 1 }),
    );
  });

  it("buries a message for an unknown task when its grace is over", () => {
    const admission = admit(delivery(message({ unknownTaskTries: 2 })), () => undefined, policy, 50_000);
    expect(letterOf(admission).record).toMatchObject({ reason: "unknown-task", attempts: 0 });
  });
});
