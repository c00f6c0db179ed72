import { TaskTimeoutError } from "../errors/task-errors.js";
import type { Logger } from "../logging/logger.js";
import type { Run } from "./admission.js";
import { AttemptContext } from "./attempt-context.js";
import type { AttemptResult } from "./attempt-result.js";
import { callThroughLayers } from "./layers.js";
import type { Middleware } from "./middleware.js";
import { runInTask, type TaskContext } from "./task-context.js";

/** What an attempt needs from its worker. */
export interface AttemptOptions {
  readonly logger: Logger;
  readonly middleware: readonly Middleware[];
  /** After a timeout, how long the handler may take to come to an end before the attempt counts as timed out anyway. */
  readonly timeoutGraceMs: number;
  /** The schema's output, where the worker has validated the input already; the schema is not asked again. */
  readonly validated?: { readonly input: unknown } | undefined;
}

/** Who wants to know what becomes of an attempt. Neither method may throw; both may be called before `start` returns. */
export interface AttemptListener {
  /** Called once, when it is known how the attempt ended. A handler that ignores its timeout delays it by the grace. */
  onResult(result: AttemptResult): void;
  /** Called once, after `onResult`, when the handler itself has come to an end, which may be never. */
  onEnd(): void;
}

/**
 * One execution of an admitted delivery: schema, middleware, handler, timeout. It settles nothing. It costs no promise
 * beyond the handler's own, since a worker does nothing more often than this.
 */
export class Attempt {
  readonly #run: Run;
  readonly #options: AttemptOptions;
  readonly #context: AttemptContext;
  #listener: AttemptListener | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timedOut: AttemptResult | undefined;
  #reported = false;

  constructor(run: Run, options: AttemptOptions) {
    this.#run = run;
    this.#options = options;
    this.#context = new AttemptContext(run, options.logger);
  }

  get context(): TaskContext {
    return this.#context;
  }

  /** Calls the handler. To be called once. */
  start(listener: AttemptListener): void {
    this.#listener = listener;
    const { task, message } = this.#run;
    const { middleware, validated } = this.#options;
    const input = validated === undefined ? message.input : validated.input;
    const validate = validated === undefined && task.schema !== undefined;
    const outcome =
      middleware.length === 0 && !validate ? this.#callHandler(input) : this.#callThroughLayers(input, validate);
    if (outcome !== undefined) {
      this.#end(outcome);
    } else if (task.timeoutMs !== undefined) {
      this.#timer = setTimeout(() => this.#onTimeout(), task.timeoutMs).unref();
    }
  }

  /** Aborts `context.signal`. The attempt goes on until its handler ends. */
  abort(reason: Error): void {
    this.#context.abort(reason);
  }

  /** Returns the result of a handler that ended at once. */
  #callHandler(input: unknown): AttemptResult | undefined {
    let promise: Promise<unknown>;
    try {
      const value: unknown = runInTask(this.#context, this.#run.task.handler, input, this.#context);
      if (!mayBeThenable(value)) return { kind: "returned", value };
      // Gives a promise of Node's own back as it is, and is safe with a thenable whose `then` throws.
      promise = Promise.resolve(value);
    } catch (error) {
      return { kind: "threw", error };
    }
    // Attached outside of the task's context, so that nothing of the worker runs inside of it.
    promise.then(
      (returned) => this.#end({ kind: "returned", value: returned }),
      (error) => this.#end({ kind: "threw", error }),
    );
    return undefined;
  }

  #callThroughLayers(input: unknown, validate: boolean): undefined {
    const { task } = this.#run;
    const { middleware, logger } = this.#options;
    const layers = { task, input, validate, middleware, logger };
    void runInTask(this.#context, callThroughLayers, layers, this.#context).then((result) => this.#end(result));
  }

  /**
   * At the timeout the signal aborts, and the handler gets the grace to come to an end. What it returns or throws
   * after its timeout does not count any more: the attempt timed out.
   */
  #onTimeout(): void {
    const { name, timeoutMs = 0 } = this.#run.task;
    const error = new TaskTimeoutError(name, timeoutMs);
    const result: AttemptResult = { kind: "threw", error };
    this.#timedOut = result;
    this.#timer = setTimeout(() => this.#report(result), this.#options.timeoutGraceMs).unref();
    this.#context.abort(error);
  }

  #end(result: AttemptResult): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#report(this.#timedOut ?? result);
    this.#listener?.onEnd();
  }

  #report(result: AttemptResult): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#listener?.onResult(result);
  }
}

function mayBeThenable(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** A started attempt, as promises. */
export interface StartedAttempt {
  readonly context: TaskContext;
  /** How it ended; never rejects. A handler that ignores its timeout does not hold this up longer than the grace. */
  readonly result: Promise<AttemptResult>;
  /** Resolves when the handler itself has come to an end, which may be never; never rejects. */
  readonly ended: Promise<void>;
  /** Aborts `context.signal`. */
  abort(reason: Error): void;
}

/** Starts an {@link Attempt}, for whom promises are more convenient than a listener. */
export function startAttempt(run: Run, options: AttemptOptions): StartedAttempt {
  const attempt = new Attempt(run, options);
  let onResult: (result: AttemptResult) => void = () => undefined;
  let onEnd: () => void = () => undefined;
  const result = new Promise<AttemptResult>((resolve) => {
    onResult = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  attempt.start({ onResult, onEnd });
  return { context: attempt.context, result, ended, abort: (reason) => attempt.abort(reason) };
}
