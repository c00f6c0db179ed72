import type { DeadLetterReason, DeadLetterRecord, ErrorRecord } from "./dead-letter.js";

/**
 * Reads the record of a dead letter as a driver stored it. Undefined if it is none: no JSON, or without a reason and a
 * time. Who may write into the dead letters may write anything, so a field of another type counts as absent; fields and
 * reasons that only a newer release knows are kept.
 */
export function readDeadLetterRecord(text: string): DeadLetterRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || typeof value.reason !== "string" || !isNumber(value.failedAt)) return undefined;
  const { reason, failedAt, queue, attempts, deliveryCount, error, ...others } = value;
  for (const name of ["taskId", "taskName", "worker"]) if (typeof others[name] !== "string") delete others[name];
  for (const name of ["enqueuedAt", "firstFailureAt"]) if (!isNumber(others[name])) delete others[name];
  const readError = isObject(error) ? readErrorRecord(error) : undefined;
  return {
    ...others,
    // Of this release or a newer one.
    reason: reason as DeadLetterReason,
    queue: typeof queue === "string" ? queue : "",
    failedAt,
    attempts: isNumber(attempts) ? attempts : 0,
    deliveryCount: isNumber(deliveryCount) ? deliveryCount : 0,
    ...(readError === undefined ? undefined : { error: readError }),
  };
}

function readErrorRecord({ name, message, code, stack, ...others }: Record<string, unknown>): ErrorRecord | undefined {
  if (typeof name !== "string" || typeof message !== "string") return undefined;
  return {
    ...others,
    name,
    message,
    ...(typeof code === "string" ? { code } : undefined),
    ...(typeof stack === "string" ? { stack } : undefined),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
