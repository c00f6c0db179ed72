import { type Delivery, DeliveryMode, LeaseLostError, ShutdownError } from "@chicory/core";
import type { Reporter } from "../reporter.js";
import type { AtMostOnceGate } from "./at-most-once-gate.js";
import type { Execution } from "./execution.js";
import { requeueOutcome } from "./outcome.js";
import type { SettlementWriter } from "./settlement-writer.js";
import { Slots } from "./slots.js";
import { WaitingLine } from "./waiting-line.js";

/** Through what a consumer's deliveries are settled. */
export interface SettlementWays {
  readonly writer: SettlementWriter;
  readonly gate: AtMostOnceGate;
}

/**
 * What one queue has fetched and not handed over to be settled: deliveries that wait, and executions. Here stands how
 * they leave other than by running to their end: given back, lost, aborted, abandoned.
 */
export class InFlight {
  readonly slots = new Slots();
  readonly waiting = new WaitingLine();
  readonly #reporter: Reporter;
  readonly #onProgress: () => void;
  #ways: SettlementWays | undefined;
  #halted = false;

  /** `onProgress` is called when there may be something to settle, or room to fetch. */
  constructor(reporter: Reporter, onProgress: () => void) {
    this.#reporter = reporter;
    this.#onProgress = onProgress;
  }

  /** Through what the current consumer's deliveries are settled. */
  get ways(): SettlementWays | undefined {
    return this.#ways;
  }

  /** Whether something is in flight whose outcome is not known. */
  get busy(): boolean {
    return this.waiting.length > 0 || this.slots.undecided > 0;
  }

  /** How many deliveries wait or have a slot. */
  get size(): number {
    return this.waiting.length + this.slots.taken;
  }

  /** Begins with another consumer. */
  use(ways: SettlementWays): void {
    this.#ways = ways;
  }

  /** Takes deliveries that are to wait for a slot. After {@link halt} they are given back. */
  add(deliveries: readonly Delivery[]): void {
    if (this.#halted) this.#requeue(deliveries);
    else this.waiting.push(deliveries, performance.now());
  }

  /** Frees a slot. */
  remove(execution: Execution): void {
    this.slots.remove(execution);
    this.#onProgress();
  }

  /** Gives a task back whose handler was not called. */
  giveBack(execution: Execution): void {
    if (!this.slots.decide(execution)) return;
    execution.writer.add(requeueOutcome(execution.run.delivery, execution.run.message));
    this.remove(execution);
  }

  /** An execution's delivery belongs to somebody else. A handler that runs is told by its signal. */
  lose(execution: Execution): void {
    if (!this.slots.decide(execution)) return;
    const { delivery, message } = execution.run;
    execution.attempt?.abort(new LeaseLostError(message.name));
    this.#reporter.lost(delivery, message);
    if (execution.attempt === undefined) this.remove(execution);
  }

  /** Loses what of these deliveries is here, and returns the others. */
  loseDeliveries(deliveries: readonly Delivery[]): ReadonlySet<Delivery> {
    const rest = new Set(deliveries);
    for (const delivery of this.waiting.remove(rest)) {
      rest.delete(delivery);
      this.#reporter.lost(delivery, undefined);
    }
    for (const execution of this.slots.listUndecided()) {
      if (rest.delete(execution.run.delivery) && !execution.acked) this.lose(execution);
    }
    return rest;
  }

  /** Loses everything that is not settled: its consumer was closed. */
  loseAll(): void {
    for (const delivery of this.waiting.takeAll()) this.#reporter.lost(delivery, undefined);
    for (const execution of this.slots.listUndecided()) {
      if (!execution.acked) this.lose(execution);
    }
  }

  /** Gives back what has waited for longer than `ms`, and returns how many. */
  returnWaitingLongerThan(ms: number): number {
    const old = this.waiting.takeArrivedBefore(performance.now() - ms);
    this.#requeue(old);
    return old.length;
  }

  /** Gives back what never started, and whatever comes in from now on. What was acked already is still run. */
  halt(): void {
    this.#halted = true;
    this.#requeue(this.waiting.takeAll());
    for (const execution of this.#ways?.gate.takeUnsent() ?? []) this.giveBack(execution);
  }

  /** Tells running handlers that the worker waits no longer. What fails because of that is given back. */
  abort(): void {
    for (const execution of this.slots.listUndecided()) {
      execution.aborted = true;
      execution.attempt?.abort(new ShutdownError());
    }
  }

  /** Gives back what still runs; what it returns does not count any more. */
  abandon(): void {
    for (const execution of this.slots.listUndecided()) {
      const { run, writer } = execution;
      this.slots.decide(execution);
      if (run.mode !== DeliveryMode.AT_MOST_ONCE) writer.add(requeueOutcome(run.delivery, run.message));
      else this.#reporter.failed(run.delivery, run.message, "maybe-executed", new ShutdownError());
    }
    this.#onProgress();
  }

  #requeue(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#ways?.writer.add(requeueOutcome(delivery));
    if (deliveries.length > 0) this.#onProgress();
  }
}
