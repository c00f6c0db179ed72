import { type Delivery, type Settlement, SettlementError, type SettleResult } from "@chicory/core";
import { Backoff } from "../backoff.js";
import type { Outage } from "../outage.js";
import type { Outcome } from "./outcome.js";

/** Most settlements of one call: enough to pay off, few enough that a server is not held up by one script. */
const MAX_BATCH = 500;

/** Calls that may be out at once: while one is being answered, the next is already under way. */
const MAX_CALLS = 2;

/** Settlements that go together, and the pauses between their attempts. */
interface Batch {
  readonly outcomes: readonly Outcome[];
  readonly backoff?: Backoff;
}

/** What a writer needs from its consumer and tells its queue. */
export interface SettlementWriterOptions {
  readonly settle: (settlements: readonly Settlement[]) => Promise<SettleResult>;
  /** What is noted here makes the worker give up when it lasts too long. */
  readonly outage: Outage;
  readonly onSettled: (outcome: Outcome) => void;
  readonly onLost: (outcome: Outcome) => void;
  readonly onError: (error: unknown) => void;
  /** A call ended: there may be more to write, or room to fetch. */
  readonly onProgress: () => void;
}

/**
 * Settles what has ended through one consumer, by group commit: what ends while calls are out goes together with the
 * next. It needs no timer and no promise for a single settlement. What the broker does not take is tried again until
 * it takes, is lost, or the writer is closed.
 */
export class SettlementWriter {
  readonly #options: SettlementWriterOptions;
  #fresh: Outcome[] = [];
  /** Failed before, and their pause is over. Apart from the fresh ones, since one that never takes would hold them up. */
  #repeats: Batch[] = [];
  /**
   * Batches that are being answered, or that wait for another attempt. No set: of one that is added to and deleted from,
   * old copies refer to newer ones, and keep what all of them held from the garbage collector.
   */
  #open: readonly Batch[] = [];
  #calls = 0;
  #unsettled = 0;
  /** Outcomes whose settlement failed before: it may have taken all the same. */
  readonly #repeated = new Set<Outcome>();
  /** Deliveries that were lost while their settlement was out. */
  readonly #lost = new Set<Delivery>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: SettlementWriterOptions) {
    this.#options = options;
  }

  /** Settlements that were handed over and are not known to have taken. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Takes a settlement over; it is written by the next {@link flush} that finds room. */
  add(outcome: Outcome): void {
    this.#fresh.push(outcome);
    this.#unsettled += 1;
  }

  /** Writes what has gathered, as far as calls may be out. */
  flush(): void {
    while (this.#calls < MAX_CALLS && !this.#closed) {
      const batch = this.#repeats.shift() ?? this.#takeFresh();
      if (batch === undefined) return;
      this.#write(batch);
    }
  }

  /** Gives up deliveries that belong to somebody else now. */
  lose(deliveries: ReadonlySet<Delivery>): void {
    const lost = this.#fresh.filter(({ settlement }) => deliveries.has(settlement.delivery));
    if (lost.length > 0) {
      this.#fresh = this.#fresh.filter(({ settlement }) => !deliveries.has(settlement.delivery));
      for (const outcome of lost) this.#finish(outcome, true);
    }
    const isDone = new Set(lost.map(({ settlement }) => settlement.delivery));
    if (this.#unsettled === 0) return;
    // Out, or waiting for another attempt: whatever the broker answers, they are lost.
    for (const delivery of deliveries) if (!isDone.has(delivery)) this.#lost.add(delivery);
  }

  /** Gives up what is not settled yet, which is lost; what calls that are out are answered does not count any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const batches = [...this.#open, ...this.#repeats, { outcomes: this.#fresh }];
    for (const outcome of batches.flatMap(({ outcomes }) => outcomes)) this.#options.onLost(outcome);
    this.#fresh = [];
    this.#repeats = [];
    this.#open = [];
    this.#unsettled = 0;
  }

  #takeFresh(): Batch | undefined {
    const { length } = this.#fresh;
    if (length === 0) return undefined;
    const outcomes = length <= MAX_BATCH ? this.#fresh : this.#fresh.slice(0, MAX_BATCH);
    this.#fresh = length <= MAX_BATCH ? [] : this.#fresh.slice(MAX_BATCH);
    return { outcomes };
  }

  #write(batch: Batch): void {
    this.#calls += 1;
    this.#open = [...this.#open, batch];
    this.#call(batch.outcomes.map(({ settlement }) => settlement)).then(
      ({ lost }) => this.#answered(batch, lost),
      (error) => this.#failed(batch, error),
    );
  }

  /** Turns a driver that throws into one that rejects. */
  async #call(settlements: readonly Settlement[]): Promise<SettleResult> {
    return await this.#options.settle(settlements);
  }

  #answered(batch: Batch, lost: readonly Delivery[]): void {
    this.#calls -= 1;
    if (this.#closed) return;
    this.#leave(batch);
    const { outcomes } = batch;
    this.#options.outage.end();
    const gone = lost.length === 0 ? undefined : new Set(lost);
    for (const outcome of outcomes) this.#finish(outcome, gone?.has(outcome.settlement.delivery) === true);
    this.#options.onProgress();
  }

  #failed(batch: Batch, error: unknown): void {
    this.#calls -= 1;
    if (this.#closed) return;
    this.#leave(batch);
    const { outcomes, backoff = new Backoff() } = batch;
    const named = error instanceof SettlementError ? error : undefined;
    const failed = named === undefined ? undefined : new Set(named.failed.map(({ delivery }) => delivery));
    const gone = new Set(named?.lost);
    const again: Outcome[] = [];
    for (const outcome of outcomes) {
      const { delivery } = outcome.settlement;
      if (failed === undefined || failed.has(delivery)) again.push(outcome);
      else this.#finish(outcome, gone.has(delivery));
    }
    if (again.length < outcomes.length) this.#options.outage.end();
    this.#options.outage.fail(error);
    this.#options.onError(error);
    this.#pause({ outcomes: again, backoff }, backoff.next());
    this.#options.onProgress();
  }

  #leave(batch: Batch): void {
    this.#open = this.#open.filter((other) => other !== batch);
  }

  #pause(batch: Batch, pauseMs: number): void {
    this.#open = [...this.#open, batch];
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#leave(batch);
      const stillOurs = batch.outcomes.filter(({ settlement }) => !this.#lost.has(settlement.delivery));
      for (const outcome of batch.outcomes) {
        if (this.#lost.has(outcome.settlement.delivery)) this.#finish(outcome, true);
        else this.#repeated.add(outcome);
      }
      if (stillOurs.length > 0) this.#repeats.push({ ...batch, outcomes: stillOurs });
      this.#options.onProgress();
    }, pauseMs).unref();
    this.#timers.add(timer);
  }

  #finish(outcome: Outcome, lost: boolean): void {
    this.#unsettled -= 1;
    const wasLost = this.#lost.size > 0 && this.#lost.delete(outcome.settlement.delivery);
    // A repetition of one that took after all is answered with "lost", which then means that it is settled.
    const wasRepeated = this.#repeated.size > 0 && this.#repeated.delete(outcome);
    if (wasLost || (lost && !wasRepeated)) this.#options.onLost(outcome);
    else this.#options.onSettled(outcome);
    if (this.#unsettled === 0) this.#lost.clear();
  }
}
