import { DeliveryMode } from "../delivery-mode.js";
import type { DeadLetter, DeadLetterReason, ErrorRecord } from "../driver/dead-letter.js";
import type { Delivery } from "../driver/delivery.js";
import type { OutgoingMessage } from "../driver/outgoing-message.js";
import type { Settlement } from "../driver/settlement.js";
import { decodeEnvelope } from "../wire/decode.js";
import { encodeReplacement } from "../wire/encode.js";
import type { Envelope } from "../wire/envelope.js";
import { toErrorRecord } from "./error-record.js";
import type { TaskDefinition } from "./task-definition.js";

/** The worker's rules for deliveries that its tasks' own policies say nothing about. */
export interface AdmissionPolicy {
  /** Hand-outs after which an unsettled message is buried as `delivery-limit`: a task that kills its process. */
  readonly maxDeliveries: number;
  /** How often and at what interval a message for an unknown task is put back, so that producers may deploy first. */
  readonly unknownTask: { readonly maxRetries: number; readonly delayMs: number };
  /** Name of the worker, for dead letters. */
  readonly worker: string;
}

/** A delivery whose task is to be run. */
export interface Run {
  readonly kind: "run";
  readonly delivery: Delivery;
  readonly task: TaskDefinition;
  readonly message: Envelope;
  /** At most once means: settle with `ack` first, and run only if it was not lost. */
  readonly mode: DeliveryMode;
}

/** What is to be done with a delivery: run a task, or settle it without running anything. */
export type Admission =
  | Run
  | {
      readonly kind: "settle";
      readonly settlement: Settlement;
      /** Why, as one of the dead letters' reasons also where the message is only put back. */
      readonly reason: DeadLetterReason;
      readonly message: Envelope | undefined;
      /** What is wrong with the message, as it was thrown; undefined where nothing was. */
      readonly error?: unknown;
    };

/** Envelope field in which the number of hand-outs to workers that do not know the task is kept. */
export const UNKNOWN_TASK_TRIES = "unknownTaskTries";

/** Decides what to do with a delivery. Pure: `now` is the worker's time in milliseconds since the epoch. */
export function admit(
  delivery: Delivery,
  findTask: (name: string) => TaskDefinition | undefined,
  policy: AdmissionPolicy,
  now: number,
): Admission {
  let message: Envelope;
  try {
    message = decodeEnvelope(delivery.body);
  } catch (error) {
    return bury(delivery, undefined, "undecodable", policy, now, error);
  }
  const task = findTask(message.name);
  const mode = message.mode ?? task?.mode ?? DeliveryMode.AT_LEAST_ONCE;
  if (mode === DeliveryMode.AT_MOST_ONCE && delivery.redelivered) {
    return bury(delivery, message, "maybe-executed", policy, now);
  }
  if (delivery.deliveryCount > policy.maxDeliveries) return bury(delivery, message, "delivery-limit", policy, now);
  if (task === undefined) return admitUnknown(delivery, message, policy, now, mode);
  return { kind: "run", delivery, task, message, mode };
}

function admitUnknown(
  delivery: Delivery,
  message: Envelope,
  policy: AdmissionPolicy,
  now: number,
  mode: DeliveryMode,
): Admission {
  const kept = message[UNKNOWN_TASK_TRIES];
  const tries = typeof kept === "number" && kept >= 0 ? kept : 0;
  if (tries >= policy.unknownTask.maxRetries) return bury(delivery, message, "unknown-task", policy, now);
  const replacement = replacementFor(
    delivery,
    { ...message, [UNKNOWN_TASK_TRIES]: tries + 1 },
    mode,
    now + policy.unknownTask.delayMs,
  );
  return { kind: "settle", settlement: { kind: "retry", delivery, replacement }, reason: "unknown-task", message };
}

function bury(
  delivery: Delivery,
  message: Envelope | undefined,
  reason: DeadLetterReason,
  policy: AdmissionPolicy,
  now: number,
  error?: unknown,
): Admission {
  const attempts = message === undefined ? 0 : message.retries + (reason === "delivery-limit" ? 1 : 0);
  const record = error === undefined ? undefined : toErrorRecord(error);
  const letter = deadLetterFor({ delivery, message, reason, error: record, attempts, worker: policy.worker, now });
  return { kind: "settle", settlement: { kind: "deadLetter", delivery, letter }, reason, message, error };
}

/** The message that takes a delivery's place: same id, queue, priority, headers and unknown fields. */
export function replacementFor(
  delivery: Delivery,
  message: Envelope,
  mode: DeliveryMode,
  notBefore: number | undefined,
): OutgoingMessage {
  return {
    id: message.id,
    queue: delivery.queue,
    body: encodeReplacement(message),
    mode,
    priority: message.priority ?? 0,
    ...(notBefore === undefined ? undefined : { notBefore }),
  };
}

/** Everything that a dead letter is made of. */
export interface Burial {
  readonly delivery: Delivery;
  readonly message: Envelope | undefined;
  readonly reason: DeadLetterReason;
  /** Undefined if nothing was thrown, which is not the same as that `undefined` was. */
  readonly error: ErrorRecord | undefined;
  readonly attempts: number;
  readonly worker: string;
  readonly now: number;
}

/** Makes the dead letter of a delivery; the body is kept byte for byte. */
export function deadLetterFor({ delivery, message, reason, error, attempts, worker, now }: Burial): DeadLetter {
  const firstFailureAt = message?.firstFailureAt ?? (error === undefined || message === undefined ? undefined : now);
  return {
    body: delivery.body,
    record: {
      reason,
      queue: delivery.queue,
      failedAt: now,
      attempts,
      deliveryCount: delivery.deliveryCount,
      worker,
      ...(message === undefined
        ? undefined
        : { taskId: message.id, taskName: message.name, enqueuedAt: message.enqueuedAt }),
      ...(firstFailureAt === undefined ? undefined : { firstFailureAt }),
      ...(error === undefined ? undefined : { error }),
    },
  };
}
