import type { DeadLetterRecord } from "@chicory/core";
import type { NewHistoryEvent } from "./history-event.js";

/** A dead letter as the history tells of it: under its task's id, or under another name where its body has none. */
export function deadLetterEvent(record: DeadLetterRecord, queue: string, otherwise: string): NewHistoryEvent {
  const { taskId: id = otherwise, reason, attempts, error } = record;
  return { kind: "dead", id, queue, reason, attempts, hasError: error !== undefined };
}
