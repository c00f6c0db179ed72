import type { QueueBinding, RabbitmqConfig } from "./config.js";
import type { Arguments } from "./delay-levels.js";
import type { Names } from "./names.js";

/** What config says about one queue. */
export interface QueueSettings {
  readonly queueType: "quorum" | "classic";
  /** 0 where all messages have the same priority. */
  readonly maxPriority: number;
  /** 0 where there is no limit. */
  readonly maxLength: number;
  readonly bindings: readonly QueueBinding[];
  /** Arguments of the queue on the server. */
  readonly arguments: Arguments;
}

/** The name of a queue on the server and the arguments that it must have. */
export interface QueueDeclaration {
  readonly queue: string;
  readonly arguments: Arguments;
}

/** Most queues whose settings are remembered; more are computed anew. */
const MAX_REMEMBERED = 1_000;

/** Settings of queues as config says them. They are asked for with every message, so they are remembered. */
export class SettingsBook {
  readonly #config: RabbitmqConfig;
  readonly #names: Names;
  readonly #known = new Map<string, QueueSettings>();

  constructor(config: RabbitmqConfig, names: Names) {
    this.#config = config;
    this.#names = names;
  }

  of(queue: string): QueueSettings {
    let settings = this.#known.get(queue);
    if (settings === undefined) {
      settings = queueSettings(this.#config, this.#names, queue);
      if (this.#known.size < MAX_REMEMBERED) this.#known.set(queue, settings);
    }
    return settings;
  }
}

/** Settings of a queue: its own, else those for all. */
export function queueSettings(config: RabbitmqConfig, names: Names, queue: string): QueueSettings {
  const own = Object.hasOwn(config.queues, queue) ? config.queues[queue] : undefined;
  const maxPriority = own?.maxPriority ?? config.maxPriority;
  const maxLength = own?.maxLength ?? config.maxLength;
  const ttl = own?.messageTtlMs ?? config.messageTtlMs;
  const consumerTimeout = own?.consumerTimeoutMs ?? config.consumerTimeoutMs;
  // Quorum queues know no priorities before 4.0, and then two of them only.
  const queueType = maxPriority > 0 ? "classic" : (own?.queueType ?? config.queueType);
  return {
    queueType,
    maxPriority,
    maxLength,
    bindings: own?.bindings ?? [],
    arguments: {
      "x-queue-type": queueType,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": names.deadLetters(queue),
      ...(queueType === "quorum"
        ? {
            // At-least-once dead-lettering needs a queue that refuses instead of dropping its oldest.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-delivery-limit": own?.deliveryLimit ?? config.deliveryLimit,
          }
        : { "x-overflow": "reject-publish" }),
      ...(maxPriority > 0 ? { "x-max-priority": maxPriority } : {}),
      ...(maxLength > 0 ? { "x-max-length": maxLength } : {}),
      ...(ttl === undefined ? {} : { "x-message-ttl": ttl }),
      ...(consumerTimeout === undefined ? {} : { "x-consumer-timeout": consumerTimeout }),
      ...((own?.singleActiveConsumer ?? config.singleActiveConsumer) ? { "x-single-active-consumer": true } : {}),
      ...own?.arguments,
    },
  };
}

/** Highest number of priorities that any queue has. */
export function priorityLevels(config: RabbitmqConfig): number {
  const own = Object.values(config.queues).map((queue) => queue.maxPriority ?? 0);
  return Math.max(config.maxPriority, ...own) + 1;
}

/** Whether every queue counts hand-outs, which classic ones do not. */
export function allCount(config: RabbitmqConfig): boolean {
  const types = Object.values(config.queues).map((queue) =>
    (queue.maxPriority ?? config.maxPriority) > 0 ? "classic" : (queue.queueType ?? config.queueType),
  );
  return config.maxPriority === 0 && config.queueType === "quorum" && !types.includes("classic");
}

/**
 * Dead letters are kept in a classic queue: it keeps messages that were looked at and put back exactly where they
 * were, and counts nothing. A quorum queue loses their order and counts each look as a hand-out.
 */
export function deadLetterDeclaration(names: Names, queue: string): QueueDeclaration {
  return { queue: names.deadLetters(queue), arguments: { "x-queue-type": "classic" } };
}

/** The queue of names is looked at in the same way. */
export function registryDeclaration(names: Names): QueueDeclaration {
  return { queue: names.registry(), arguments: { "x-queue-type": "classic" } };
}
