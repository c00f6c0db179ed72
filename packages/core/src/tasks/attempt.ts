import { InvalidInputError } from "../errors/message-errors.js";
import { TaskFailedError, TaskRetryError, TaskTimeoutError } from "../errors/task-errors.js";
import type { Logger } from "../logging/logger.js";
import type { Run } from "./admission.js";
import type { Middleware, TaskOutcome } from "./middleware.js";
import { runInTask, type TaskContext } from "./task-context.js";
import { validateInput } from "./validation.js";

/** How an attempt ended: the handler returned, it (or middleware) threw, or the schema refused the input before it. */
export type AttemptResult =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "refused"; readonly error: InvalidInputError };

/** What an attempt needs from its worker. */
export interface AttemptOptions {
  /** Aborted by the worker when the lease is lost or at shutdown; the attempt aborts it itself at the task's timeout. */
  readonly controller: AbortController;
  readonly logger: Logger;
  readonly middleware: readonly Middleware[];
  /** After a timeout, how long the handler may take to come to an end before the attempt counts as timed out anyway. */
  readonly timeoutGraceMs: number;
}

/** A started attempt. */
export interface Attempt {
  readonly context: TaskContext;
  /** How it ended; never rejects. A handler that ignores its timeout does not hold this up longer than the grace. */
  readonly result: Promise<AttemptResult>;
  /** Resolves when the handler itself has come to an end, which may be never; never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Runs the handler of an admitted delivery: schema, middleware, handler, timeout. It settles nothing. Everything that
 * user code throws becomes part of the result.
 */
export function startAttempt(run: Run, options: AttemptOptions): Attempt {
  const context = createContext(run, options);
  const execution = runInTask(context, () => execute(run, context, options));
  const { timeoutMs } = run.task;
  return {
    context,
    result: timeoutMs === undefined ? execution : withTimeout(execution, run.task.name, timeoutMs, options),
    ended: execution.then(() => undefined),
  };
}

async function execute(run: Run, context: TaskContext, { middleware, logger }: AttemptOptions): Promise<AttemptResult> {
  const { task, message } = run;
  let input = message.input;
  if (task.schema !== undefined) {
    try {
      input = await validateInput(task.name, task.schema, input);
    } catch (error) {
      return error instanceof InvalidInputError ? { kind: "refused", error } : { kind: "threw", error };
    }
  }
  const call = async (): Promise<unknown> => task.handler(input, context);
  if (middleware.length === 0) return capture(call);
  return capture(middleware.reduceRight((next, layer) => wrap(layer, context, input, logger, next), call));
}

async function capture(call: () => Promise<unknown>): Promise<AttemptResult> {
  try {
    return { kind: "returned", value: await call() };
  } catch (error) {
    return { kind: "threw", error };
  }
}

function wrap(
  layer: Middleware,
  context: TaskContext,
  input: unknown,
  logger: Logger,
  next: () => Promise<unknown>,
): () => Promise<unknown> {
  return async () => {
    const startedAt = performance.now();
    const finish = async (outcome: TaskOutcome) => {
      try {
        await layer.after?.(context, outcome);
      } catch (error) {
        // The outcome stands: what observes it must not turn a success into a failure.
        logger.error({ err: error, task: context.name, id: context.id }, "Middleware failed after a task");
      }
    };
    try {
      await layer.before?.(context, input);
      const value = layer.around === undefined ? await next() : await layer.around(context, input, next);
      await finish({ ok: true, value, durationMs: performance.now() - startedAt });
      return value;
    } catch (error) {
      await finish({ ok: false, error, durationMs: performance.now() - startedAt });
      throw error;
    }
  };
}

/**
 * At the timeout the signal aborts, and the handler gets the grace to come to an end. What it returns or throws after
 * its timeout does not count any more: the attempt timed out.
 */
function withTimeout(
  execution: Promise<AttemptResult>,
  taskName: string,
  timeoutMs: number,
  { controller, timeoutGraceMs }: AttemptOptions,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    let timedOut: AttemptResult | undefined;
    let timer = setTimeout(() => {
      const error = new TaskTimeoutError(taskName, timeoutMs);
      timedOut = { kind: "threw", error };
      controller.abort(error);
      timer = setTimeout(() => resolve({ kind: "threw", error }), timeoutGraceMs);
    }, timeoutMs);
    void execution.then((result) => {
      clearTimeout(timer);
      resolve(timedOut ?? result);
    });
  });
}

function createContext(run: Run, { controller, logger }: AttemptOptions): TaskContext {
  const { message, task, delivery } = run;
  const attempt = message.retries + 1;
  let taskLogger: Logger | undefined;
  return {
    id: message.id,
    name: task.name,
    queue: delivery.queue,
    attempt,
    maxRetries: task.retry.maxRetries,
    enqueuedAt: message.enqueuedAt,
    headers: message.headers ?? {},
    signal: controller.signal,
    // Made when first used: a child logger for every no-op task would cost more than the task.
    get logger() {
      taskLogger ??= logger.child({ task: task.name, id: message.id, attempt });
      return taskLogger;
    },
    retry(options) {
      throw new TaskRetryError(options);
    },
    fail(reason, options) {
      throw new TaskFailedError(reason, options);
    },
  };
}
