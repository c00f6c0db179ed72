import { describe, expect, it } from "@jest/globals";
import { delivery, message, task } from "../../test/deliveries.js";
import { InvalidInputError } from "../errors/message-errors.js";
import { TaskFailedError, TaskRetryError, TaskTimeoutError } from "../errors/task-errors.js";
import { decodeEnvelope } from "../wire/decode.js";
import type { Envelope } from "../wire/envelope.js";
import type { AttemptResult } from "./attempt-result.js";
import { conclude } from "./conclusion.js";
import type { TaskOptions } from "./task-definition.js";

const input = { worker: "w-1", now: 50_000, random: 0.999_999 };

function conclusionOf(result: AttemptResult, more: Partial<Envelope> = {}, options: TaskOptions = {}) {
  const sent = message(more);
  const run = {
    kind: "run",
    delivery: delivery(sent),
    task: task(options),
    message: sent,
    mode: "at-least-once",
  } as const;
  return conclude(run, result, input);
}

const threw = (error: unknown): AttemptResult => ({ kind: "threw", error });

function replacementOf(conclusion: ReturnType<typeof conclude>) {
  const { settlement } = conclusion;
  if (settlement.kind !== "retry") throw new Error(`the settlement is a ${settlement.kind}`);
  return { ...settlement.replacement, envelope: decodeEnvelope(Buffer.from(settlement.replacement.body)) };
}

describe("conclusion", () => {
  it("acknowledges what returned", () => {
    expect(conclusionOf({ kind: "returned", value: 5 })).toMatchObject({
      kind: "succeeded",
      settlement: { kind: "ack" },
    });
  });

  it("retries a failure after the policy's pause, keeping id, queue, priority, headers and unknown fields", () => {
    const more = { priority: 7, headers: { a: "b" }, extra: { deep: [1] } };
    const { envelope, ...replacement } = replacementOf(conclusionOf(threw(new TypeError("boom")), more));
    expect(replacement).toMatchObject({ id: "m-1", queue: "q", priority: 7, notBefore: 51_000, mode: "at-least-once" });
    expect(envelope).toEqual(
      message({ ...more, retries: 1, firstFailureAt: 50_000, lastError: { name: "TypeError", message: "boom" } }),
    );
  });

  it.each([
    [1.5, 2],
    [1e20, 31_536_000_000],
    [Number.NaN, 1_000],
    [-1, 1_000],
  ])("makes a whole and possible pause of one of %p ms that the handler asks for", (delayMs, expected) => {
    const { notBefore } = replacementOf(conclusionOf(threw(new TaskRetryError({ delayMs }))));
    expect(notBefore).toBe(input.now + expected);
  });

  it("says in the letter how a task failed that threw undefined", () => {
    const { settlement } = conclusionOf(threw(undefined), { retries: 3 });
    const error = { name: "NonError", message: expect.stringContaining("undefined") };
    expect(settlement).toMatchObject({
      letter: { record: { reason: "retries-exhausted", firstFailureAt: 50_000, error } },
    });
  });

  it("keeps the time of the first failure over further ones", () => {
    const { envelope } = replacementOf(conclusionOf(threw(new Error("x")), { retries: 1, firstFailureAt: 40_000 }));
    expect(envelope).toMatchObject({ retries: 2, firstFailureAt: 40_000 });
  });

  it("buries a task that failed in its last attempt, with error, stack, attempts and times", () => {
    const conclusion = conclusionOf(threw(new TypeError("boom")), { retries: 3, firstFailureAt: 40_000 });
    expect(conclusion).toMatchObject({
      kind: "deadLettered",
      reason: "retries-exhausted",
      settlement: {
        letter: {
          record: {
            attempts: 4,
            failedAt: 50_000,
            firstFailureAt: 40_000,
            enqueuedAt: 1_000,
            error: { name: "TypeError", message: "boom", stack: expect.stringContaining("TypeError: boom") },
          },
        },
      },
    });
  });

  it.each<[string, AttemptResult, TaskOptions, string]>([
    [
      "an error that the policy excludes",
      threw(new TypeError("x")),
      { retry: { ignoreOn: [TypeError] } },
      "not-retryable",
    ],
    ["ctx.fail()", threw(new TaskFailedError("no such user")), {}, "rejected"],
    ["input that the schema refused", { kind: "refused", error: new InvalidInputError("t", []) }, {}, "invalid-input"],
    ["a last attempt that took too long", threw(new TaskTimeoutError("t", 5)), { retry: { maxRetries: 0 } }, "timeout"],
  ])("buries %s at once", (_, result, options, reason) => {
    expect(conclusionOf(result, {}, options)).toMatchObject({ kind: "deadLettered", reason });
  });

  it("does not take another task's refused input, sent by the handler, for its own", () => {
    expect(conclusionOf(threw(new InvalidInputError("other", [])))).toMatchObject({ kind: "retried" });
  });

  it("counts no attempt for input that was refused before the handler", () => {
    const refused: AttemptResult = { kind: "refused", error: new InvalidInputError("t", []) };
    expect(conclusionOf(refused)).toMatchObject({ settlement: { letter: { record: { attempts: 0 } } } });
  });

  it("obeys ctx.retry() in its delay and over the policy's choice of errors, within the number of attempts", () => {
    const asked = threw(new TaskRetryError({ delayMs: 7 }));
    const options = { retry: { maxRetries: 1, retryOn: [TypeError] } };
    expect(conclusionOf(asked, {}, options)).toMatchObject({ kind: "retried", delayMs: 7 });
    expect(conclusionOf(asked, { retries: 1 }, options)).toMatchObject({ reason: "retries-exhausted" });
  });

  it("makes a retry without a pause due at once", () => {
    expect(replacementOf(conclusionOf(threw(new TaskRetryError({ delayMs: 0 })))).notBefore).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    5,
    "text",
    Symbol("s"),
    Object.create(null),
    { message: 5 },
    Object.assign(new Error("x"), { name: 7, message: {} }),
  ])("records whatever was thrown: %p", (thrown) => {
    expect(replacementOf(conclusionOf(threw(thrown))).envelope.lastError).toEqual({
      name: expect.any(String),
      message: expect.any(String),
    });
  });

  it("cuts long errors, so that a retry never outgrows what the broker takes", () => {
    const error = Object.assign(new Error("x".repeat(1_000_000)), { stack: "y".repeat(1_000_000) });
    expect(replacementOf(conclusionOf(threw(error))).body.length).toBeLessThan(5_000);
    const letter = conclusionOf(threw(error), { retries: 3 });
    expect(JSON.stringify(letter.settlement).length).toBeLessThan(20_000);
  });
});
