/** Consumer group of every work stream. One group, so that each message goes to one worker. */
export const GROUP = "chicory-workers";

/** Priorities 0 to 9. */
export const PRIORITY_LEVELS = 10;

/** Every key of one queue. All share the hash tag `{queue}`, so that one script may touch them on a cluster. */
export interface QueueKeys {
  readonly queue: string;
  /** Work streams by priority; index 0 is the one that every queue has. */
  readonly streams: readonly string[];
  /** Sorted set of waiting messages, scored by the time at which they are due. */
  readonly delayed: string;
  /** Hash with the bodies of the messages in `delayed`. */
  readonly bodies: string;
  /** Stream of dead letters. */
  readonly deadLetters: string;
  /** String with the priorities above 0 that were ever used, a digit each. */
  readonly priorities: string;
  /** Stream of markers that wake an idle consumer for something that is not in a work stream. */
  readonly wake: string;
}

/** The only maker of keys. */
export class KeyBuilder {
  readonly #prefix: string;
  readonly #queues = new Map<string, QueueKeys>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Set of queue names. It belongs to no queue, so no script touches it. */
  get registry(): string {
    return `${this.#prefix}:queues`;
  }

  /** Keys of a queue whose name is valid. They are kept, as names of queues are few. */
  queue(name: string): QueueKeys {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const key = (kind: string) => `${this.#prefix}:${kind}:{${name}}`;
    const stream = key("stream");
    const keys: QueueKeys = {
      queue: name,
      streams: Array.from({ length: PRIORITY_LEVELS }, (_, level) => (level === 0 ? stream : `${stream}:p${level}`)),
      delayed: key("delayed"),
      bodies: `${key("delayed")}:m`,
      deadLetters: key("dlq"),
      priorities: key("priorities"),
      wake: key("wake"),
    };
    this.#queues.set(name, keys);
    return keys;
  }

  /** Key that stands for a message id while its `dedupeMs` last. */
  dedupe(queue: string, id: string): string {
    return `${this.#prefix}:dedupe:{${queue}}:${id}`;
  }
}
