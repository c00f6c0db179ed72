import type { DeliveryMode } from "../delivery-mode.js";
import { DELIVERY_MODES } from "../delivery-mode.js";
import { ConfigError } from "../errors/config-error.js";
import { assertQueueName, DEFAULT_QUEUE } from "../queue-name.js";
import { MAX_PRIORITY } from "../wire/envelope.js";
import { MAX_TASK_NAME_LENGTH } from "../wire/limits.js";
import { type RetryOptions, type RetryPolicy, resolveRetryPolicy } from "./retry-policy.js";
import type { StandardSchema } from "./standard-schema.js";
import type { TaskContext } from "./task-context.js";

/** Options of a task; every one may be left out. */
export interface TaskOptions {
  /** Any Standard Schema. Input is validated at send and again at the worker; the handler gets the schema's output. */
  readonly input?: StandardSchema<unknown, unknown> | undefined;
  /** Default "default". */
  readonly queue?: string;
  /** 0 (the default) to 9, higher first. */
  readonly priority?: number;
  /** Default: the app's, whose default is at least once. */
  readonly deliveryMode?: DeliveryMode;
  readonly retry?: RetryOptions;
  /** Longest time one attempt may take, in milliseconds. Default: no limit. */
  readonly timeoutMs?: number;
}

/** The function that does a task's work. */
export type TaskHandler<TInput = unknown, TResult = unknown> = (
  input: TInput,
  context: TaskContext,
) => TResult | Promise<TResult>;

/** A task with every default filled in, as workers use it. */
export interface TaskDefinition {
  readonly name: string;
  readonly queue: string;
  readonly priority: number;
  readonly mode: DeliveryMode;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | undefined;
  readonly schema: StandardSchema<unknown, unknown> | undefined;
  readonly handler: TaskHandler;
}

/** Longest `timeoutMs`: what a timer can hold (2^31 - 1 ms, about 24.8 days). */
const MAX_TIMEOUT_MS = 2_147_483_647;

const TASK_NAME = /^[\x21-\x7e]+$/;

/** Checks a task's name and options and fills in defaults. Throws a {@link ConfigError} that names what is wrong. */
export function defineTask(
  name: string,
  options: TaskOptions,
  handler: TaskHandler,
  defaultMode: DeliveryMode,
): TaskDefinition {
  if (typeof name !== "string" || name.length > MAX_TASK_NAME_LENGTH || !TASK_NAME.test(name)) {
    throw new ConfigError(
      `${JSON.stringify(name)?.slice(0, 80)} is not a task name: use 1 to ${MAX_TASK_NAME_LENGTH} printable ASCII characters without spaces`,
    );
  }
  const { queue = DEFAULT_QUEUE, priority = 0, timeoutMs, deliveryMode: mode = defaultMode } = options;
  const fail = (option: string, expected: string): never => {
    throw new ConfigError(`${option} of task "${name}" must be ${expected}`);
  };
  if (typeof handler !== "function") fail("The handler", "a function");
  if (!Number.isInteger(priority) || priority < 0 || priority > MAX_PRIORITY) {
    fail("priority", `a whole number from 0 to ${MAX_PRIORITY}`);
  }
  if (!DELIVERY_MODES.includes(mode)) fail("deliveryMode", DELIVERY_MODES.join(" or "));
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    fail("timeoutMs", `more than 0 and at most ${MAX_TIMEOUT_MS}`);
  }
  if (options.input !== undefined && options.input["~standard"]?.version !== 1) {
    fail("input", "a schema that implements Standard Schema version 1, such as one of valibot, zod or arktype");
  }
  return {
    name,
    queue: assertQueueName(queue),
    priority,
    mode,
    retry: resolveRetryPolicy(name, mode, options.retry),
    timeoutMs,
    schema: options.input,
    handler,
  };
}
