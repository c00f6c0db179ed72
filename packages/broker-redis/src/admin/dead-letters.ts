import {
  type DeadLetterReason,
  type DeadLetterRecord,
  readDeadLetterRecord,
  type StoredDeadLetter,
} from "@chicory/core";
import { entryBody } from "../consuming/entry-body.js";

/** Field of a dead letter's record; its body is in the same field as a message's. */
const RECORD_FIELD = "e";

/** A dead letter from its entry. One that a stranger wrote without a readable record gets a bare one. */
export function toDeadLetter(queue: string, id: string, fields: readonly Buffer[]): StoredDeadLetter {
  return { id, body: entryBody(fields), record: readRecord(fields) ?? bareRecord(queue, id) };
}

function readRecord(fields: readonly Buffer[]): DeadLetterRecord | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field.toString() === RECORD_FIELD);
  return at < 0 ? undefined : readDeadLetterRecord(String(fields[at + 1]));
}

function bareRecord(queue: string, id: string): DeadLetterRecord {
  const reason: DeadLetterReason = "rejected";
  return { reason, queue, failedAt: Number(id.split("-")[0]), attempts: 0, deliveryCount: 0 };
}
