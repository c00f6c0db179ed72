import { type RetryRequestOptions, TaskFailedError, TaskRetryError } from "../errors/task-errors.js";
import type { Logger } from "../logging/logger.js";
import type { Run } from "./admission.js";
import type { TaskContext } from "./task-context.js";

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * The context of one attempt. The signal and the logger are made when they are first asked for: most handlers use
 * neither, and both cost more than a handler that does nothing.
 */
export class AttemptContext implements TaskContext {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly attempt: number;
  readonly maxRetries: number;
  readonly enqueuedAt: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #appLogger: Logger;
  #logger: Logger | undefined;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;

  constructor({ message, task, delivery }: Run, logger: Logger) {
    this.id = message.id;
    this.name = task.name;
    this.queue = delivery.queue;
    this.attempt = message.retries + 1;
    this.maxRetries = task.retry.maxRetries;
    this.enqueuedAt = message.enqueuedAt;
    this.headers = message.headers ?? NO_HEADERS;
    this.#appLogger = logger;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get logger(): Logger {
    this.#logger ??= this.#appLogger.child({ task: this.name, id: this.id, attempt: this.attempt });
    return this.#logger;
  }

  retry(options?: RetryRequestOptions): never {
    throw new TaskRetryError(options);
  }

  fail(reason: string, options?: ErrorOptions): never {
    throw new TaskFailedError(reason, options);
  }

  /** Aborts the signal, also one that is first asked for later. The first reason stays. */
  abort(reason: Error): void {
    this.#abortReason ??= reason;
    this.#controller?.abort(this.#abortReason);
  }
}
