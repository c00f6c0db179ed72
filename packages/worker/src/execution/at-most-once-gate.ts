import { type Delivery, type Settlement, SettlementError, type SettleResult, validateInput } from "@chicory/core";
import type { Execution } from "./execution.js";

/** Most acks of one call, as for settlements. */
const MAX_BATCH = 500;

/** Calls that may be out at once. */
const MAX_CALLS = 2;

/** What a gate needs from its consumer and tells its queue. */
export interface AtMostOnceGateOptions {
  readonly settle: (settlements: readonly Settlement[]) => Promise<SettleResult>;
  /** The ack certainly took: the handler must be called now, since nobody else will. */
  readonly onTaken: (execution: Execution) => void;
  /** The schema refused the input, before the ack. */
  readonly onRefused: (execution: Execution, error: unknown) => void;
  readonly onLost: (execution: Execution) => void;
  /** Whether the ack took is not known: the handler must not be called. */
  readonly onUnknown: (execution: Execution) => void;
  readonly onError: (error: unknown) => void;
  readonly onProgress: () => void;
}

/**
 * Lets tasks at most once pass to their handlers: first the schema, since what it refuses is to become a dead letter,
 * then the ack, and only if that took the handler. An ack is never repeated: the answer to a repetition could not tell
 * an ack that took at first from a lease that was lost.
 */
export class AtMostOnceGate {
  readonly #options: AtMostOnceGateOptions;
  readonly #validating = new Set<Execution>();
  #waiting: Execution[] = [];
  #calls = 0;

  constructor(options: AtMostOnceGateOptions) {
    this.#options = options;
  }

  add(execution: Execution): void {
    const { task, message } = execution.run;
    if (task.schema === undefined) {
      this.#waiting.push(execution);
      return;
    }
    this.#validating.add(execution);
    validateInput(task.name, task.schema, message.input).then(
      (input) => {
        if (!this.#validating.delete(execution)) return;
        execution.validated = { input };
        this.#waiting.push(execution);
        this.#options.onProgress();
      },
      (error) => {
        if (this.#validating.delete(execution)) this.#options.onRefused(execution, error);
      },
    );
  }

  /** Sends the acks that have gathered, as far as calls may be out. */
  flush(): void {
    while (this.#waiting.length > 0 && this.#calls < MAX_CALLS) {
      const batch = this.#waiting.splice(0, MAX_BATCH).filter((execution) => !execution.decided);
      if (batch.length > 0) this.#ack(batch);
    }
  }

  /** Takes back those whose ack was not sent. */
  takeUnsent(): readonly Execution[] {
    const unsent = [...this.#validating, ...this.#waiting].filter((execution) => !execution.decided);
    this.#validating.clear();
    this.#waiting = [];
    return unsent;
  }

  #ack(batch: readonly Execution[]): void {
    this.#calls += 1;
    this.#call(batch.map(({ run }): Settlement => ({ kind: "ack", delivery: run.delivery, beforeRun: true }))).then(
      ({ lost }) => this.#answered(batch, lost, []),
      (error) => {
        this.#options.onError(error);
        if (!(error instanceof SettlementError)) this.#answered(batch, [], undefined);
        else
          this.#answered(
            batch,
            error.lost,
            error.failed.map(({ delivery }) => delivery),
          );
      },
    );
  }

  /** Turns a driver that throws into one that rejects. */
  async #call(settlements: readonly Settlement[]): Promise<SettleResult> {
    return await this.#options.settle(settlements);
  }

  /** `unknown` is undefined if nothing is known of any. */
  #answered(batch: readonly Execution[], lost: readonly Delivery[], unknown: readonly Delivery[] | undefined): void {
    this.#calls -= 1;
    const gone = new Set(lost);
    const open = new Set(unknown);
    for (const execution of batch) {
      const { delivery } = execution.run;
      // Reported as lost meanwhile: it may be run by somebody else, so it is not run here.
      if (execution.decided) continue;
      if (gone.has(delivery)) this.#options.onLost(execution);
      else if (unknown === undefined || open.has(delivery)) this.#options.onUnknown(execution);
      else this.#options.onTaken(execution);
    }
    this.#options.onProgress();
  }
}
