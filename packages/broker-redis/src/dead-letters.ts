import type { DeadLetterReason, DeadLetterRecord, StoredDeadLetter } from "@chicory/core";
import { entryBody } from "./entry-body.js";

/** Field of a dead letter's record; its body is in the same field as a message's. */
const RECORD_FIELD = "e";

/** A dead letter from its entry. One that a stranger wrote without a readable record gets a bare one. */
export function toDeadLetter(queue: string, id: string, fields: readonly Buffer[]): StoredDeadLetter {
  return { id, body: entryBody(fields), record: readRecord(fields) ?? bareRecord(queue, id) };
}

function readRecord(fields: readonly Buffer[]): DeadLetterRecord | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field.toString() === RECORD_FIELD);
  if (at < 0) return undefined;
  try {
    const record: unknown = JSON.parse(String(fields[at + 1]));
    const readable = typeof record === "object" && record !== null && "reason" in record && "failedAt" in record;
    // Written by a worker of this or another version: what is not known to it is left as it is.
    return readable ? (record as DeadLetterRecord) : undefined;
  } catch {
    return undefined;
  }
}

function bareRecord(queue: string, id: string): DeadLetterRecord {
  const reason: DeadLetterReason = "rejected";
  return { reason, queue, failedAt: Number(id.split("-")[0]), attempts: 0, deliveryCount: 0 };
}
