import { describe, expect, it } from "@jest/globals";
import { adopt, driftError, parseDifference } from "./drift.js";

const complaint = (text: string) =>
  Object.assign(new Error(`QueueDeclare: PRECONDITION_FAILED - inequivalent arg ${text}`), {
    code: "PRECONDITION_FAILED",
  });

describe("the server's complaint about an argument", () => {
  // Texts of RabbitMQ 3.10.8.
  it.each([
    ["'x-max-length' for queue 'q' in vhost '/': received the value '5' of type 'byte' but current is none", undefined],
    ["'x-queue-type' for queue 'q' in vhost '/': received 'classic' but current is 'quorum'", "quorum"],
    ["'x-max-priority' for queue 'q' in vhost '/': received none but current is the value '9' of type 'signedint'", 9],
    [
      "'x-dead-letter-exchange' for queue 'q' in vhost '/': received none but current is the value '' of type 'longstr'",
      "",
    ],
    ["'durable' for queue 'q' in vhost '/': received 'true' but current is 'false'", false],
  ])("is read: %s", (text, actual) => {
    const argument = /^'([^']+)'/.exec(text)?.[1] ?? "";
    expect(parseDifference(complaint(text), { [argument]: 5 })).toEqual({ argument, wanted: 5, actual });
  });

  it("is left alone if it is about something else", () => {
    expect(parseDifference(Object.assign(new Error("no"), { code: "PRECONDITION_FAILED" }), {})).toBeUndefined();
    expect(parseDifference(new Error("inequivalent arg"), {})).toBeUndefined();
  });
});

describe("a queue that drifted", () => {
  it("is asked for again with what is known corrected", () => {
    const wanted = { a: 1, b: "x" };
    expect(adopt(wanted, { argument: "a", wanted: 1, actual: 2 })).toEqual({ a: 2, b: "x" });
    expect(adopt(wanted, { argument: "b", wanted: "x", actual: undefined })).toEqual({ a: 1 });
  });

  it("is an error that names each argument and what can be done", () => {
    const error = driftError("chicory.queue.q", [
      { argument: "x-max-length", wanted: 5, actual: undefined },
      { argument: "x-queue-type", wanted: "quorum", actual: "classic" },
    ]);
    expect(error.message).toContain("x-max-length is not set and should be 5");
    expect(error.message).toContain('x-queue-type is "classic" and should be "quorum"');
    expect(error.message).toContain("topology to none");
  });
});
