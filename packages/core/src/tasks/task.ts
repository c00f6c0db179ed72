import type { Broker } from "../broker/broker.js";
import { ConfigError } from "../errors/config-error.js";
import { createMessage, type Message } from "../wire/message.js";
import type { Jsonable } from "./jsonable.js";
import type { TaskDefinition } from "./task-definition.js";
import { validateInput } from "./validation.js";

/** How one send differs from what the task's definition says. */
export interface SendOptions {
  /** Execute after this many milliseconds. Not together with `eta`. */
  readonly delayMs?: number;
  /** Do not execute before this time. Not together with `delayMs`. */
  readonly eta?: Date;
  readonly queue?: string;
  readonly priority?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The message's id; a random UUID if not given. */
  readonly id?: string;
  /**
   * Makes the send idempotent: for this many milliseconds a further send with the same `id` to the same queue is
   * answered like the first and stores nothing. Needs a broker with `capabilities.dedupe`, and an `id`.
   */
  readonly dedupeMs?: number;
}

/** Options of a batch: an id belongs to one message, so there is none. */
export type SendManyOptions = Omit<SendOptions, "id" | "dedupeMs">;

/** A message that the broker has stored. */
export interface Sent {
  readonly id: string;
  readonly queue: string;
}

/** Arguments of `send`: the input may be left out for a task that takes none. */
export type SendArguments<TInput> = undefined extends TInput
  ? [input?: Jsonable<TInput>, options?: SendOptions]
  : [input: Jsonable<TInput>, options?: SendOptions];

/** A task of an app, as producers use it. Made by `app.task`. */
export class Task<TInput = unknown, TResult = unknown> {
  readonly name: string;
  readonly queue: string;
  readonly #definition: TaskDefinition;
  readonly #broker: Broker;
  /** For inference only; it does not exist at run time. */
  declare readonly resultType?: TResult;

  constructor(definition: TaskDefinition, broker: Broker) {
    this.name = definition.name;
    this.queue = definition.queue;
    this.#definition = definition;
    this.#broker = broker;
  }

  /**
   * Sends the task. Resolves once the broker has stored it. Rejects with an `InvalidInputError` or
   * `NotSerializableError` before anything is sent, or with a `PublishError` whose `outcome` says whether the task
   * may be stored all the same.
   */
  async send(...[input, options = {}]: SendArguments<TInput>): Promise<Sent> {
    const { queue = this.queue, dedupeMs } = options;
    if (dedupeMs !== undefined && options.id === undefined) {
      throw new ConfigError(
        `dedupeMs of a send of task "${this.name}" needs an id, by which sends are known as the same`,
      );
    }
    const { schema, name } = this.#definition;
    if (schema !== undefined) await validateInput(name, schema, input);
    const message = this.#message(input, options);
    await this.#broker.publish(message, dedupeMs === undefined ? { queue } : { queue, dedupeMs });
    return { id: message.id, queue };
  }

  /**
   * Sends the task once for each input, as one batch. Resolves once the broker has stored every one. If one input is
   * not acceptable, nothing is sent; if some cannot be stored, the `PublishError` names those.
   */
  async sendMany(inputs: readonly Jsonable<TInput>[], options: SendManyOptions = {}): Promise<readonly Sent[]> {
    const { queue = this.queue } = options;
    const { schema, name } = this.#definition;
    if (schema !== undefined) for (const input of inputs) await validateInput(name, schema, input);
    const ids = await this.#broker.publishEach(this.#message(undefined, options), inputs, queue);
    return ids.map((id) => ({ id, queue }));
  }

  /** The message of an input that the schema accepts. No promise is made for it: one would cost as much as all the rest. */
  #message(input: unknown, options: SendOptions): Message {
    const { priority, mode, name } = this.#definition;
    // What travels is what was passed: the worker runs the schema again, and its output goes to the handler.
    return createMessage({
      name,
      input,
      mode,
      priority: options.priority ?? priority,
      eta: etaOf(name, options),
      id: options.id,
      headers: options.headers,
    });
  }
}

function etaOf(name: string, { delayMs, eta }: SendOptions): Date | number | undefined {
  if (delayMs === undefined) return eta;
  if (eta !== undefined) throw new ConfigError(`A send of task "${name}" has both delayMs and eta: give one`);
  if (!(Number.isFinite(delayMs) && delayMs >= 0)) {
    throw new ConfigError(`delayMs of a send of task "${name}" must be a number of milliseconds from 0`);
  }
  return delayMs === 0 ? undefined : Date.now() + delayMs;
}
