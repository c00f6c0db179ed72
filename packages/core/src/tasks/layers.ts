import { InvalidInputError } from "../errors/message-errors.js";
import type { Logger } from "../logging/logger.js";
import type { AttemptResult } from "./attempt-result.js";
import type { Middleware, TaskOutcome } from "./middleware.js";
import type { TaskContext } from "./task-context.js";
import type { TaskDefinition } from "./task-definition.js";
import { validateInput } from "./validation.js";

/** What stands between a delivery and its handler. */
export interface Layers {
  readonly task: TaskDefinition;
  readonly input: unknown;
  /** Whether the input has to go through the task's schema first. */
  readonly validate: boolean;
  readonly middleware: readonly Middleware[];
  readonly logger: Logger;
}

/** Calls a handler through its schema and the middleware. Everything that user code throws becomes the result. */
export async function callThroughLayers(layers: Layers, context: TaskContext): Promise<AttemptResult> {
  const { task, middleware, logger } = layers;
  let { input } = layers;
  if (layers.validate && task.schema !== undefined) {
    try {
      input = await validateInput(task.name, task.schema, input);
    } catch (error) {
      return error instanceof InvalidInputError ? { kind: "refused", error } : { kind: "threw", error };
    }
  }
  const call = async (): Promise<unknown> => task.handler(input, context);
  try {
    return {
      kind: "returned",
      value: await middleware.reduceRight((next, layer) => wrap(layer, context, input, logger, next), call)(),
    };
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
