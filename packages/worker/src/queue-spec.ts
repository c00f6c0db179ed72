import { assertQueueName, ConfigError, isQueueName } from "@chicory/core";

/** Highest concurrency of one queue: each running task is a promise in this process, and more belongs in several. */
export const MAX_CONCURRENCY = 10_000;

/** A queue to consume; without a `concurrency` of its own the worker's applies. */
export interface QueueSpec {
  readonly name: string;
  readonly concurrency?: number | undefined;
}

/** A queue with its limit: most tasks of it that run at once in one worker. */
export interface ResolvedQueue {
  readonly name: string;
  readonly concurrency: number;
}

/** Reads "name" or "name=concurrency"; undefined if it is neither. */
export function parseQueueSpec(text: string): QueueSpec | undefined {
  const [name = "", number, ...rest] = text.split("=").map((part) => part.trim());
  if (!isQueueName(name) || rest.length > 0) return undefined;
  if (number === undefined) return { name };
  const concurrency = /^\d{1,5}$/.test(number) ? Number(number) : Number.NaN;
  return concurrency >= 1 && concurrency <= MAX_CONCURRENCY ? { name, concurrency } : undefined;
}

/**
 * Gives every queue its limit. Queues share nothing: one without a number of its own gets `concurrency` slots to
 * itself, so that no queue can starve another. Throws a `ConfigError` for a name that is not acceptable or given
 * twice.
 */
export function resolveQueues(specs: readonly (string | QueueSpec)[], concurrency: number): readonly ResolvedQueue[] {
  const resolved = specs.map((spec) => {
    const parsed = typeof spec === "string" ? parseQueueSpec(spec) : spec;
    // What text does not parse is no name either, and the name's error says which characters are.
    const name = assertQueueName(parsed?.name ?? spec);
    return { name, concurrency: parsed?.concurrency ?? concurrency };
  });
  const twice = resolved.find(({ name }, index) => resolved.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) {
    throw new ConfigError(`Queue "${twice.name}" is named twice: a worker consumes a queue once, with one concurrency`);
  }
  return resolved;
}
