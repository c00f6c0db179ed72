import { types } from "node:util";
import { DELIVERY_MODES, type DeliveryMode } from "../delivery-mode.js";
import { ConfigError } from "../errors/config-error.js";
import { isHeaders } from "./decode.js";
import { type Envelope, MAX_PRIORITY, WIRE_VERSION } from "./envelope.js";
import { MAX_ID_LENGTH, MAX_TASK_NAME_LENGTH } from "./limits.js";
import { randomId } from "./random-id.js";

/** A task's message before it is encoded. Immutable: a retry makes a new one. */
export type Message = Envelope;

/** What a message can be made of. An option that is undefined counts as not given. */
export interface MessageOptions {
  /** Name of the task. */
  readonly name: string;
  readonly input?: unknown;
  /** A random UUID if not given. */
  readonly id?: string | undefined;
  /** Not to be executed before this time. */
  readonly eta?: Date | number | undefined;
  /** 0 (the default) to 9, higher first. */
  readonly priority?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The mode of the worker's task if not given. */
  readonly mode?: DeliveryMode | undefined;
}

/**
 * Makes a message for `app.broker.publish`. It does not know the task: nothing is validated but the message itself.
 * Throws a {@link ConfigError} naming the option that is not acceptable.
 */
export function createMessage(options: MessageOptions): Message {
  const { name, input, id = randomId(), priority = 0, headers, mode } = options;
  const eta = options.eta === undefined ? undefined : etaInMs(options.eta);
  if (typeof name !== "string" || name.length === 0 || name.length > MAX_TASK_NAME_LENGTH) {
    throw new ConfigError(`A message needs the name of its task: 1 to ${MAX_TASK_NAME_LENGTH} characters`);
  }
  if (typeof id !== "string" || id.length === 0 || id.length > MAX_ID_LENGTH) {
    throw new ConfigError(`The id of a message for task "${name}" must have 1 to ${MAX_ID_LENGTH} characters`);
  }
  if (!Number.isInteger(priority) || priority < 0 || priority > MAX_PRIORITY) {
    throw new ConfigError(
      `The priority of a message for task "${name}" must be a whole number from 0 to ${MAX_PRIORITY}`,
    );
  }
  if (headers !== undefined && !isHeaders(headers)) {
    throw new ConfigError(`The headers of a message for task "${name}" must be an object of strings of bounded length`);
  }
  if (mode !== undefined && !DELIVERY_MODES.includes(mode)) {
    throw new ConfigError(`The mode of a message for task "${name}" must be ${DELIVERY_MODES.join(" or ")}`);
  }
  const enqueuedAt = Date.now();
  // What nearly every send asks for, without the copies that leaving fields out takes.
  if (input !== undefined && mode !== undefined && eta === undefined && priority === 0 && headers === undefined) {
    return { v: WIRE_VERSION, id, name, input, retries: 0, enqueuedAt, mode };
  }
  return {
    v: WIRE_VERSION,
    id,
    name,
    ...(input === undefined ? undefined : { input }),
    retries: 0,
    enqueuedAt,
    ...(mode === undefined ? undefined : { mode }),
    ...(eta === undefined ? undefined : { eta }),
    ...(priority === 0 ? undefined : { priority }),
    ...(headers === undefined ? undefined : { headers }),
  };
}

function etaInMs(eta: Date | number): number {
  // A program without types may pass anything, and a Date may come from another realm.
  const ms = typeof eta === "number" ? Math.ceil(eta) : types.isDate(eta) ? eta.getTime() : Number.NaN;
  if (Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw new ConfigError("The eta of a message must be a valid Date, or milliseconds since the epoch");
}
