import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { toErrorRecord } from "../tasks/error-record.js";
import type { DeadLetterRecord } from "./dead-letter.js";
import { readDeadLetterRecord } from "./read-record.js";

const full: DeadLetterRecord = {
  reason: "timeout",
  queue: "q",
  failedAt: 5,
  attempts: 2,
  deliveryCount: 1,
  taskId: "m",
  taskName: "n",
  enqueuedAt: 1,
  firstFailureAt: 2,
  worker: "w",
  error: toErrorRecord(Object.assign(new Error("x"), { code: "E" })),
};

describe("reading the record of a dead letter", () => {
  it("gives back what was written", () => {
    expect(readDeadLetterRecord(JSON.stringify(full))).toEqual(full);
    expect(readDeadLetterRecord(JSON.stringify({ ...full, error: undefined }))).toEqual({ ...full, error: undefined });
  });

  it("keeps what a newer release may have added", () => {
    const newer = { ...full, reason: "cancelled", trace: { id: 1 } };
    expect(readDeadLetterRecord(JSON.stringify(newer))).toEqual(newer);
  });

  it.each(["", "{", "5", "null", "[]", "{}", '{"reason":5,"failedAt":1}', '{"reason":"x","failedAt":1e400}'])(
    "says of %j that it is none",
    (text) => {
      expect(readDeadLetterRecord(text)).toBeUndefined();
    },
  );

  it("never gives a field another type than it has, whatever was written", () => {
    const fields = Object.keys(full);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fields), fc.jsonValue()), (written) => {
        const record = readDeadLetterRecord(JSON.stringify({ reason: "r", failedAt: 1, ...written }));
        for (const [name, value] of Object.entries(record ?? {})) {
          expect(typeof value).toBe(typeof full[name as keyof DeadLetterRecord]);
        }
        if (record?.error !== undefined) expect(typeof record.error.message).toBe("string");
      }),
    );
  });
});
