import { ConfigError } from "./errors/config-error.js";

/** The queue of a task that names none. */
export const DEFAULT_QUEUE = "default";

/**
 * Longest queue name, in characters. A driver whose server leaves less room (a routing key of RabbitMQ has 255 bytes,
 * of which delay digits take 56) refuses what it cannot carry, naming its own limit.
 */
export const MAX_QUEUE_NAME_LENGTH = 200;

const QUEUE_NAME = /^[A-Za-z0-9._-]+$/;

/** The name that was asked for last and is one: every message asks, and most go to the same queue as the one before. */
let lastName: unknown;

/** Whether a name can be that of a queue on every broker. */
export function isQueueName(name: unknown): name is string {
  if (typeof name !== "string") return false;
  if (name === lastName) return true;
  if (name.length > MAX_QUEUE_NAME_LENGTH || !QUEUE_NAME.test(name)) return false;
  lastName = name;
  return true;
}

/**
 * Returns the name unchanged, or throws a {@link ConfigError} that names the accepted characters. Braces, colons and
 * spaces are refused since they would change keys and routing on the server.
 */
export function assertQueueName(name: unknown): string {
  if (isQueueName(name)) return name;
  throw new ConfigError(
    `${typeof name === "string" ? JSON.stringify(name.slice(0, 80)) : `A value of type ${typeof name}`} is not a queue name: use 1 to ${MAX_QUEUE_NAME_LENGTH} of the characters A-Z a-z 0-9 . _ -`,
  );
}
