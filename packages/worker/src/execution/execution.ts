import type { Attempt, AttemptListener, AttemptResult, Run } from "@chicory/core";
import type { SettlementWriter } from "./settlement-writer.js";

/** Who decides what an execution's end means. */
export interface ExecutionOwner {
  decide(execution: Execution, result: AttemptResult): void;
  release(execution: Execution): void;
}

/**
 * A slot that is taken: a task from its admission to the end of its handler. It is *decided* once its outcome is known,
 * which may be before the handler ends: it ignored its timeout, or its delivery was lost. It is a zombie from then on.
 */
export class Execution implements AttemptListener {
  readonly run: Run;
  /** Through which its delivery is settled. */
  readonly writer: SettlementWriter;
  /** Place among the running ones. */
  index = -1;
  attempt: Attempt | undefined;
  /** What the schema made of the input, where it was asked before an ack. */
  validated: { readonly input: unknown } | undefined;
  /** When the handler was called, by the monotonic clock; 0 while an ack has to take first. */
  startedAt = 0;
  decided = false;
  /** At most once, and its ack took: nobody else will run it. */
  acked = false;
  /** Whether it was noticed that its handler goes on although it is decided. */
  noticed = false;
  /** Whether its signal was aborted because the worker stops. */
  aborted = false;
  readonly #owner: ExecutionOwner;

  constructor(run: Run, writer: SettlementWriter, owner: ExecutionOwner) {
    this.run = run;
    this.writer = writer;
    this.#owner = owner;
  }

  onResult(result: AttemptResult): void {
    this.#owner.decide(this, result);
  }

  onEnd(): void {
    this.#owner.release(this);
  }
}
