import type { Admission, Conclusion, DeadLetterReason, Delivery, Envelope, Run, Settlement } from "@chicory/core";

/**
 * What becomes of a delivery: how it is to be settled, and what is to be told once that took. Settling is separate from
 * the outcome: however often the broker refuses the settlement, the outcome stands.
 */
export type Outcome =
  | { readonly kind: "succeeded"; readonly settlement: Settlement; readonly run: Run; readonly durationMs: number }
  | {
      readonly kind: "retried";
      readonly settlement: Settlement;
      readonly run: Run;
      readonly durationMs: number;
      readonly delayMs: number;
      readonly error: unknown;
    }
  | {
      /** `dropped` is a dead letter that nobody wants to keep: it is acked. */
      readonly kind: "deadLettered" | "dropped";
      readonly settlement: Settlement;
      readonly message: Envelope | undefined;
      readonly reason: DeadLetterReason;
      readonly error: unknown;
    }
  | { readonly kind: "unknownTask"; readonly settlement: Settlement; readonly message: Envelope | undefined }
  | { readonly kind: "requeued"; readonly settlement: Settlement; readonly message: Envelope | undefined };

/** The outcome of a delivery that does not lead to an execution. */
export function admissionOutcome(admission: Exclude<Admission, Run>, keepsDeadLetters: boolean): Outcome {
  const { settlement, message, reason, error } = admission;
  if (settlement.kind === "retry") return { kind: "unknownTask", settlement, message };
  return buried(settlement, message, reason, error, keepsDeadLetters);
}

/** The outcome of an execution that its worker decided by {@link Conclusion}. */
export function conclusionOutcome(
  run: Run,
  conclusion: Conclusion,
  error: unknown,
  durationMs: number,
  keepsDeadLetters: boolean,
): Outcome {
  const { settlement } = conclusion;
  switch (conclusion.kind) {
    case "succeeded":
      return { kind: "succeeded", settlement, run, durationMs };
    case "retried":
      return { kind: "retried", settlement, run, durationMs, delayMs: conclusion.delayMs, error };
    case "deadLettered":
      return buried(settlement, run.message, conclusion.reason, error, keepsDeadLetters);
  }
}

/** The outcome of an execution that returned. */
export function succeededOutcome(run: Run, durationMs: number): Outcome {
  return { kind: "succeeded", settlement: { kind: "ack", delivery: run.delivery }, run, durationMs };
}

/** The message of a delivery, where its body was decoded. */
export function messageOf(outcome: Outcome): Envelope | undefined {
  return "run" in outcome ? outcome.run.message : outcome.message;
}

/** The outcome of a delivery that is given back. */
export function requeueOutcome(delivery: Delivery, message?: Envelope): Outcome {
  return { kind: "requeued", settlement: { kind: "requeue", delivery }, message };
}

function buried(
  settlement: Settlement,
  message: Envelope | undefined,
  reason: DeadLetterReason,
  error: unknown,
  keepsDeadLetters: boolean,
): Outcome {
  if (keepsDeadLetters) return { kind: "deadLettered", settlement, message, reason, error };
  return { kind: "dropped", settlement: { kind: "ack", delivery: settlement.delivery }, message, reason, error };
}
