import {
  type AdmissionPolicy,
  Attempt,
  type AttemptOptions,
  type AttemptResult,
  admit,
  conclude,
  type Delivery,
  DeliveryMode,
  InvalidInputError,
  type Logger,
  type Middleware,
  type Run,
  ShutdownError,
  type TaskDefinition,
} from "@chicory/core";
import type { Reporter } from "../reporter.js";
import { Execution, type ExecutionOwner } from "./execution.js";
import type { InFlight } from "./in-flight.js";
import type { LookAhead } from "./look-ahead.js";
import { admissionOutcome, conclusionOutcome, type Outcome, requeueOutcome, succeededOutcome } from "./outcome.js";

/**
 * Longest time for which handlers are started one after the other without a turn for the rest of the process, in
 * milliseconds: handlers that compute before their first await would else hold up lease renewals by their sum.
 */
const MAX_BURST_MS = 20;

/** What an executor needs from its queue. */
export interface ExecutorOptions {
  readonly concurrency: number;
  readonly admission: AdmissionPolicy;
  readonly findTask: (name: string) => TaskDefinition | undefined;
  readonly middleware: readonly Middleware[];
  readonly logger: Logger;
  readonly timeoutGraceMs: number;
  readonly keepsDeadLetters: boolean;
  readonly reporter: Reporter;
  readonly lookAhead: LookAhead;
  /** Something ended: there may be something to settle, start or fetch. */
  readonly onProgress: () => void;
}

/** Runs the tasks of one queue: admits what waits, calls handlers while slots are free, and decides what their end means. */
export class Executor implements ExecutionOwner {
  readonly #inFlight: InFlight;
  readonly #options: ExecutorOptions;
  readonly #attemptOptions: AttemptOptions;
  /** At most once, acked, and not called yet. */
  readonly #acked: Execution[] = [];

  constructor(inFlight: InFlight, options: ExecutorOptions) {
    this.#inFlight = inFlight;
    this.#options = options;
    const { logger, middleware, timeoutGraceMs } = options;
    this.#attemptOptions = { logger, middleware, timeoutGraceMs };
  }

  /** Whether something waits to be started and may be. */
  get canStart(): boolean {
    const { slots, waiting } = this.#inFlight;
    return this.#acked.length > 0 || (waiting.length > 0 && slots.taken < this.#options.concurrency);
  }

  /** Starts what can be started. */
  fill(): void {
    const { slots, waiting } = this.#inFlight;
    const began = performance.now();
    for (let now = began; now - began <= MAX_BURST_MS; now = performance.now()) {
      const acked = this.#acked.shift();
      if (acked !== undefined) {
        // Given up meanwhile, since the worker's time to stop was over.
        if (acked.decided) this.#inFlight.remove(acked);
        else this.#start(acked, now);
      } else if (slots.taken < this.#options.concurrency) {
        const delivery = waiting.shift();
        if (delivery === undefined) return;
        this.#admit(delivery, now);
      } else {
        return;
      }
    }
    this.#options.onProgress();
  }

  /** The ack of a task at most once took: whatever happens, its handler is called. */
  pass(execution: Execution): void {
    execution.acked = true;
    this.#acked.push(execution);
  }

  /** The schema of a task at most once refused its input before the ack. */
  refuse(execution: Execution, error: unknown): void {
    if (!this.#inFlight.slots.decide(execution)) return;
    const refused = error instanceof InvalidInputError;
    const result: AttemptResult = refused ? { kind: "refused", error } : { kind: "threw", error };
    execution.writer.add(this.#conclude(execution.run, result, 0));
    this.#inFlight.remove(execution);
  }

  decide(execution: Execution, result: AttemptResult): void {
    if (!this.#inFlight.slots.decide(execution)) return;
    const { run, writer, aborted } = execution;
    const durationMs = performance.now() - execution.startedAt;
    this.#options.lookAhead.handled(durationMs);
    if (run.mode === DeliveryMode.AT_MOST_ONCE) {
      this.#reportAtMostOnce(run, result, durationMs);
    } else if (aborted && result.kind !== "returned") {
      // It failed because it was told to stop: no attempt is counted.
      writer.add(requeueOutcome(run.delivery, run.message));
    } else {
      writer.add(this.#conclude(run, result, durationMs));
    }
    this.#options.onProgress();
  }

  release(execution: Execution): void {
    this.#inFlight.remove(execution);
  }

  #admit(delivery: Delivery, now: number): void {
    const { admission: policy, findTask, keepsDeadLetters } = this.#options;
    const { ways, slots } = this.#inFlight;
    // What waits goes when its consumer goes, so there is one.
    if (ways === undefined) return;
    const admission = admit(delivery, findTask, policy, Date.now());
    if (admission.kind === "settle") {
      ways.writer.add(admissionOutcome(admission, keepsDeadLetters));
      this.#options.onProgress();
      return;
    }
    const execution = new Execution(admission, ways.writer, this);
    slots.add(execution);
    if (admission.mode === DeliveryMode.AT_MOST_ONCE) {
      ways.gate.add(execution);
      this.#options.onProgress();
    } else {
      this.#start(execution, now);
    }
  }

  #start(execution: Execution, now: number): void {
    const { run, validated } = execution;
    const options = validated === undefined ? this.#attemptOptions : { ...this.#attemptOptions, validated };
    const attempt = new Attempt(run, options);
    execution.attempt = attempt;
    if (execution.aborted) attempt.abort(new ShutdownError());
    execution.startedAt = now;
    this.#options.reporter.started(run);
    attempt.start(execution);
  }

  #conclude(run: Run, result: AttemptResult, durationMs: number): Outcome {
    // Nearly all return: no clock and no chance for what has no alternatives.
    if (result.kind === "returned") return succeededOutcome(run, durationMs);
    const { admission, keepsDeadLetters } = this.#options;
    const input = { worker: admission.worker, now: Date.now(), random: Math.random() };
    return conclusionOutcome(run, conclude(run, result, input), result.error, durationMs, keepsDeadLetters);
  }

  /** It is settled already, so its end can only be told. */
  #reportAtMostOnce(run: Run, result: AttemptResult, durationMs: number): void {
    const { reporter } = this.#options;
    if (result.kind === "returned") {
      reporter.succeeded(run, durationMs);
      return;
    }
    const outcome = this.#conclude(run, result, durationMs);
    const reason = "reason" in outcome ? outcome.reason : "retries-exhausted";
    reporter.failed(run.delivery, run.message, reason, result.error);
  }
}
