import type { PublishOutcome } from "@chicory/core";
import { fromChannel, refusedAmongOthers } from "../errors.js";
import type { Confirmation, Recipient } from "./confirm-channel.js";

/** What became of a parcel. */
export type Outcome =
  | { readonly kind: "stored" | "returned" | "refused" }
  /** It failed for a reason that is not the queue's answer. */
  | { readonly kind: "failed"; readonly outcome: PublishOutcome; readonly error: Error };

/** Parcels that are published together, and what the server says to each. */
export class Batch implements Recipient {
  readonly #outcomes: (Outcome | undefined)[];
  #written = 0;
  #answers = 0;
  #onAnswered: (() => void) | undefined;

  constructor(size: number) {
    this.#outcomes = new Array<Outcome | undefined>(size).fill(undefined);
  }

  /** The next parcel is written; the server's answer to it is told under the number that is returned. */
  next(): number {
    this.#written += 1;
    return this.#written - 1;
  }

  /** A parcel turned out to be one that cannot be written. */
  refuse(index: number, error: Error): void {
    this.#answer(index, failed("rejected", error));
  }

  onConfirmation(index: number, confirmation: Confirmation): void {
    this.#answer(index, outcomeOf(confirmation));
  }

  /** Whether a parcel was written and is not answered. */
  get pending(): boolean {
    return this.#answers < this.#written;
  }

  /** Resolves once every parcel that was written so far is answered, at the latest after so many milliseconds. */
  answered(timeoutMs: number): Promise<void> {
    if (this.#answers === this.#written) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, timeoutMs));
      timer.unref();
      this.#onAnswered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /**
   * Outcomes in the order of the parcels, as they are now. One that was not written is certainly not stored, for the
   * reason `unwritten`; one that was written and not answered may be.
   */
  outcomes(unwritten: () => Error, late: () => Error): readonly Outcome[] {
    return this.#outcomes.map((outcome, index) => {
      if (index >= this.#written) return failed("rejected", unwritten());
      return outcome ?? failed("unknown", late());
    });
  }

  #answer(index: number, outcome: Outcome): void {
    this.#outcomes[index] = outcome;
    this.#answers += 1;
    if (this.#answers === this.#written) this.#onAnswered?.();
  }
}

function outcomeOf(confirmation: Confirmation): Outcome {
  if (confirmation.kind !== "unanswered") return confirmation;
  const error = fromChannel(confirmation.error, "store messages");
  if (!("retryable" in error) || error.retryable === true) return failed("unknown", error);
  // The server closes a channel for one message and says not which; only a lone one is certain to be it.
  return confirmation.alone ? failed("rejected", error) : failed("unknown", refusedAmongOthers(error));
}

function failed(outcome: PublishOutcome, error: Error): Outcome {
  return { kind: "failed", outcome, error };
}
