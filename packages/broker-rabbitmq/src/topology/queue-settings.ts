import type { QueueBinding, RabbitmqConfig } from "../config.js";
import { isAtLeast, type ServerVersion } from "../connection/server-version.js";
import type { Arguments } from "./delay-levels.js";
import type { Names } from "./names.js";

/** What config says about one queue. */
export interface QueueSettings {
  readonly queueType: "quorum" | "classic";
  /** 0 where all messages have the same priority. */
  readonly maxPriority: number;
  /** 0 where there is no limit. */
  readonly maxLength: number;
  /** How long the server is to wait for acknowledgements; undefined where config says nothing. */
  readonly consumerTimeoutMs: number | undefined;
  readonly singleActive: boolean;
  readonly bindings: readonly QueueBinding[];
  /** Arguments with which the queue is declared on the server. */
  readonly arguments: Arguments;
  /**
   * Arguments that the same config gave it on an older server. A queue that has them is used as it is: to upgrade a
   * server must not stop those who use it.
   */
  readonly olderArguments: readonly Arguments[];
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
  readonly #version: () => ServerVersion | undefined;
  readonly #known = new Map<string, QueueSettings>();
  #knownOf: ServerVersion | undefined;

  /** `version` tells the server's, on which the type of queues with priorities depends. */
  constructor(config: RabbitmqConfig, names: Names, version: () => ServerVersion | undefined) {
    this.#config = config;
    this.#names = names;
    this.#version = version;
  }

  of(queue: string): QueueSettings {
    const version = this.#version();
    if (version !== this.#knownOf) this.#known.clear();
    this.#knownOf = version;
    let settings = this.#known.get(queue);
    if (settings === undefined) {
      settings = queueSettings(this.#config, this.#names, queue, version);
      if (this.#known.size < MAX_REMEMBERED) this.#known.set(queue, settings);
    }
    return settings;
  }
}

/** Settings of a queue: its own, else those for all. */
export function queueSettings(
  config: RabbitmqConfig,
  names: Names,
  queue: string,
  version: ServerVersion | undefined,
): QueueSettings {
  const own = Object.hasOwn(config.queues, queue) ? config.queues[queue] : undefined;
  const maxPriority = own?.maxPriority ?? config.maxPriority;
  const maxLength = own?.maxLength ?? config.maxLength;
  const ttl = own?.messageTtlMs ?? config.messageTtlMs;
  const argumentsOf = ({ queueType, declared }: QueueForm): Arguments => ({
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
    ...(maxPriority > 0 && declared ? { "x-max-priority": maxPriority } : {}),
    ...(maxLength > 0 ? { "x-max-length": maxLength } : {}),
    ...(ttl === undefined ? {} : { "x-message-ttl": ttl }),
    ...((own?.singleActiveConsumer ?? config.singleActiveConsumer) ? { "x-single-active-consumer": true } : {}),
    ...own?.arguments,
  });
  const [form, ...older] = formsOf(own?.queueType ?? config.queueType, maxPriority, version);
  const args = argumentsOf(form);
  return {
    queueType: form.queueType,
    maxPriority,
    maxLength,
    consumerTimeoutMs: own?.consumerTimeoutMs ?? config.consumerTimeoutMs,
    singleActive: args["x-single-active-consumer"] === true,
    bindings: own?.bindings ?? [],
    arguments: args,
    olderArguments: older.map(argumentsOf),
  };
}

/** A type of queue, and whether its number of priorities is declared. */
interface QueueForm {
  readonly queueType: "quorum" | "classic";
  readonly declared: boolean;
}

const CLASSIC: QueueForm = { queueType: "classic", declared: true };
const QUORUM: QueueForm = { queueType: "quorum", declared: false };
const STRICT_QUORUM: QueueForm = { queueType: "quorum", declared: true };

/**
 * What a queue is on a server of this version, and what it may be from the time of an older one. Quorum queues know no
 * priorities before 4.0, two of them without being told until 4.2, and from 4.3 on as many as are declared.
 */
function formsOf(
  queueType: "quorum" | "classic",
  maxPriority: number,
  version: ServerVersion | undefined,
): readonly [QueueForm, ...QueueForm[]] {
  if (queueType === "classic") return [CLASSIC];
  if (maxPriority === 0) return [QUORUM];
  if (isAtLeast(version, 4, 3)) return [STRICT_QUORUM, QUORUM, CLASSIC];
  return isAtLeast(version, 4, 0) ? [QUORUM, CLASSIC] : [CLASSIC];
}

/** Highest number of priorities that any queue has. */
export function priorityLevels(config: RabbitmqConfig): number {
  const own = Object.values(config.queues).map((queue) => queue.maxPriority ?? 0);
  return Math.max(config.maxPriority, ...own) + 1;
}

/** Whether on every server a higher priority goes before all lower ones, as in classic queues. */
export function isStrict(config: RabbitmqConfig): boolean {
  const queues = [config, ...Object.values(config.queues)];
  return !queues.some(
    (queue) => (queue.maxPriority ?? config.maxPriority) > 0 && (queue.queueType ?? config.queueType) === "quorum",
  );
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
