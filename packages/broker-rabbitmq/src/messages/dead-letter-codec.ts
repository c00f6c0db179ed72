import { createHash } from "node:crypto";
import {
  type DeadLetterReason,
  type DeadLetterRecord,
  readDeadLetterRecord,
  type StoredDeadLetter,
} from "@chicory/core";
import { HEADERS, numberHeader } from "./headers.js";
import type { StoredMessage } from "./stored-message.js";

/** Longest record, in bytes: a header must fit into one frame beside the others. What is longer loses its stack. */
const MAX_RECORD_BYTES = 100_000;

/** The record as a header. */
export function encodeRecord(record: DeadLetterRecord): string {
  const text = JSON.stringify(record);
  if (Buffer.byteLength(text) <= MAX_RECORD_BYTES || record.error === undefined) return text;
  const { stack: _stack, ...error } = record.error;
  return JSON.stringify({ ...record, error });
}

/** What the server's own reasons for dead-lettering mean. */
const REASONS: ReadonlyMap<string, DeadLetterReason> = new Map([
  ["rejected", "rejected"],
  ["expired", "expired"],
  ["maxlen", "rejected"],
  ["delivery_limit", "delivery-limit"],
]);

/** When a message became a dead letter, in milliseconds since the epoch, as far as it shows. */
export function buriedAt(message: StoredMessage): number {
  return numberHeader(message.headers, HEADERS.buriedAt) ?? deathOf(message)?.time ?? 0;
}

/** The id of a dead letter: its own, or made from its content where the server itself put it there. */
export function letterIdOf(message: StoredMessage): string {
  if (message.headers?.[HEADERS.letter] !== undefined && message.messageId) return message.messageId;
  const death = deathOf(message);
  return createHash("sha256")
    .update(JSON.stringify([message.messageId ?? "", death?.time ?? 0, death?.count ?? 0]))
    .update(message.body)
    .digest("hex")
    .slice(0, 32);
}

/** A dead letter as it stands in its queue, whoever put it there. */
export function decodeLetter(message: StoredMessage, queue: string): StoredDeadLetter {
  const body: Uint8Array = message.body;
  return { id: letterIdOf(message), body, record: storedRecord(message) ?? nativeRecord(message, queue) };
}

function storedRecord(message: StoredMessage): DeadLetterRecord | undefined {
  const text: unknown = message.headers?.[HEADERS.letter];
  return typeof text === "string" ? readDeadLetterRecord(text) : undefined;
}

/** The record of a letter that the server buried itself: from what it says about the message's way, and the envelope. */
function nativeRecord(message: StoredMessage, queue: string): DeadLetterRecord {
  const death = deathOf(message);
  const envelope = readEnvelope(message.body);
  const deliveries = numberHeader(message.headers, "x-delivery-count") ?? 0;
  return {
    reason: REASONS.get(death?.reason ?? "") ?? "rejected",
    queue,
    failedAt: death?.time ?? (message.timestamp ?? 0) * 1_000,
    attempts: typeof envelope?.retries === "number" ? envelope.retries : 0,
    deliveryCount: deliveries,
    ...(typeof envelope?.id === "string" ? { taskId: envelope.id } : {}),
    ...(typeof envelope?.name === "string" ? { taskName: envelope.name } : {}),
    ...(typeof envelope?.enqueuedAt === "number" ? { enqueuedAt: envelope.enqueuedAt } : {}),
    ...(typeof envelope?.firstFailureAt === "number" ? { firstFailureAt: envelope.firstFailureAt } : {}),
  };
}

interface Death {
  readonly reason: string;
  /** Milliseconds since the epoch; the server writes whole seconds. */
  readonly time: number;
  readonly count: number;
}

/** The latest entry of the server's own account of a message's way. */
function deathOf(message: StoredMessage): Death | undefined {
  const deaths: unknown = message.headers?.["x-death"];
  const [latest]: readonly unknown[] = Array.isArray(deaths) ? deaths : [];
  if (typeof latest !== "object" || latest === null) return undefined;
  const { reason, time, count } = latest as Readonly<Record<string, unknown>>;
  return {
    reason: typeof reason === "string" ? reason : "",
    time: toMs(time),
    count: typeof count === "number" ? count : 0,
  };
}

function toMs(time: unknown): number {
  if (time instanceof Date) return time.getTime();
  return typeof time === "number" ? time * 1_000 : 0;
}

function readEnvelope(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
