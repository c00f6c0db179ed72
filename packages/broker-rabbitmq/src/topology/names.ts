/** The two ways of a delayed message: one that may duplicate and does not lose, one that may lose and never duplicates. */
export type DelayFamily = "alo" | "amo";

/**
 * Names of queues and exchanges on the server. The delay levels carry a version, because their number and their unit
 * are baked into the routing keys of messages that wait in them.
 */
export class Names {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  queue(queue: string): string {
    return `${this.#prefix}.queue.${queue}`;
  }

  deadLetters(queue: string): string {
    return `${this.#prefix}.dlq.${queue}`;
  }

  /** Both the queue of a delay level and the exchange before it. */
  delayLevel(family: DelayFamily, level: number): string {
    return `${this.#prefix}.delay.v1.${family}.${String(level).padStart(2, "0")}`;
  }

  /** The exchange that hands messages to their queues when their delay is over. */
  delayEnd(family: DelayFamily): string {
    return `${this.#prefix}.delay.v1.${family}.end`;
  }

  /** The queue in which the names of all queues are kept, since AMQP cannot list them. */
  registry(): string {
    return `${this.#prefix}.registry`;
  }

  /** A queue that exists as long as somebody looks through the messages of another one. */
  lock(serverQueue: string): string {
    return `${serverQueue}.lock`;
  }
}
