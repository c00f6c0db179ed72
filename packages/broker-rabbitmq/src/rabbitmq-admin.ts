import type {
  BrowseOptions,
  DeadLetterPage,
  QueueAdmin,
  QueueDepth,
  Replay,
  StoredDeadLetter,
} from "@chicory/core";
import type { SyncMessage } from "rabbitmq-client";
import { ask } from "./ask.js";
import { buriedAt, decodeLetter, letterIdOf } from "./dead-letter-codec.js";
import { decodeCursor, encodeCursor, PageStart } from "./dead-letter-cursor.js";
import { codeOf } from "./errors.js";
import type { Link } from "./link.js";
import type { Names } from "./names.js";
import type { Outbox } from "./outbox.js";
import { type QueueScan, type ScanOptions, scanQueue } from "./queue-scan.js";

const DEFAULT_PAGE = 100;

/** What a {@link RabbitmqAdmin} needs. */
export interface RabbitmqAdminOptions {
  readonly link: Link;
  readonly names: Names;
  readonly outbox: Outbox;
  readonly timeoutMs: number;
  /** Messages of a queue that consumers of this driver were sent and nobody has received. */
  readonly kept: (queue: string) => number;
  readonly assertOpen: () => void;
}

/**
 * What operators do to queues, with nothing but AMQP. What that protocol cannot tell (how many messages are delayed,
 * or with other consumers) is left undefined.
 */
export class RabbitmqAdmin implements QueueAdmin {
  readonly #options: RabbitmqAdminOptions;

  constructor(options: RabbitmqAdminOptions) {
    this.#options = options;
  }

  async queues(): Promise<readonly string[]> {
    this.#options.assertOpen();
    const { names } = this.#options;
    const found = await this.#scan(names.registry(), async (scan) => {
      const seen = new Set<string>();
      for (let message = await scan.next(); message !== undefined; message = await scan.next()) {
        const name = Buffer.from(message.body).toString("utf8");
        if (seen.has(name)) scan.take(message);
        seen.add(name);
      }
      return [...seen];
    });
    const counts = await Promise.all((found ?? []).map((name) => this.#count(names.queue(name))));
    return (found ?? []).filter((_, index) => counts[index] !== undefined).sort();
  }

  async depth(queue: string): Promise<QueueDepth> {
    this.#options.assertOpen();
    const { names, kept } = this.#options;
    const [ready, deadLetters] = await Promise.all([
      this.#count(names.queue(queue)),
      this.#count(names.deadLetters(queue)),
    ]);
    return {
      queue,
      ready: (ready ?? 0) + kept(queue),
      delayed: undefined,
      inFlight: undefined,
      deadLetters: deadLetters ?? 0,
    };
  }

  async purge(queue: string): Promise<number> {
    return await this.#purge(this.#options.names.queue(queue));
  }

  async browseDeadLetters(queue: string, options: BrowseOptions = {}): Promise<DeadLetterPage> {
    const { limit = DEFAULT_PAGE, after } = options;
    const start = new PageStart(after === undefined ? undefined : decodeCursor(after));
    const page = await this.#scanLetters(queue, async (scan) => {
      const letters: SyncMessage[] = [];
      for (let message = await scan.next(); message !== undefined; message = await scan.next()) {
        if (!start.reached(message)) continue;
        if (letters.length >= limit) return { letters, more: true };
        letters.push(message);
      }
      return { letters, more: false };
    });
    const found = page?.letters ?? [];
    const letters = found.map((message) => decodeLetter(message, queue));
    if (page?.more !== true || found.length === 0) return { letters };
    return { letters, next: encodeCursor(found.map((message) => ({ id: letterIdOf(message), buriedAt: buriedAt(message) }))) };
  }

  async findDeadLetter(queue: string, letterId: string): Promise<StoredDeadLetter | undefined> {
    return await this.#scanLetters(queue, async (scan) => {
      for (let message = await scan.next(); message !== undefined; message = await scan.next()) {
        if (letterIdOf(message) === letterId) return decodeLetter(message, queue);
      }
      return undefined;
    });
  }

  /** A crash between the two steps of one replay leaves both the message and its letter. */
  async replayDeadLetters(queue: string, replays: readonly Replay[]): Promise<readonly string[]> {
    const wanted = new Map(replays.map((replay) => [replay.letterId, replay]));
    const replayed = await this.#scanLetters(queue, async (scan) => {
      const found = await findAll(scan, new Set(wanted.keys()));
      const pairs = found.flatMap((message) => {
        const replay = wanted.get(letterIdOf(message));
        return replay === undefined ? [] : [{ message, replay }];
      });
      const failures = await this.#options.outbox.sendReplacements(pairs.map(({ replay }) => replay.message));
      const stored = pairs.filter((_, index) => failures[index] === undefined);
      for (const { message } of stored) scan.take(message);
      const first = failures.find((failure) => failure !== undefined);
      if (stored.length === 0 && first !== undefined) throw first.cause;
      return stored.map(({ replay }) => replay.letterId);
    });
    return replayed ?? [];
  }

  async removeDeadLetters(queue: string, letterIds: readonly string[]): Promise<number> {
    const removed = await this.#scanLetters(queue, async (scan) => {
      const found = await findAll(scan, new Set(letterIds));
      for (const message of found) scan.take(message);
      return found.length;
    });
    return removed ?? 0;
  }

  async purgeDeadLetters(queue: string): Promise<number> {
    return await this.#purge(this.#options.names.deadLetters(queue));
  }

  /** Messages that are ready; undefined for a queue that does not exist. */
  async #count(serverQueue: string): Promise<number | undefined> {
    const { link, timeoutMs } = this.#options;
    return await this.#onChannel(async () => {
      const channel = await link.channel();
      try {
        const looking = channel.queueDeclare({ queue: serverQueue, passive: true });
        return (await ask(looking, `look for queue "${serverQueue}"`, timeoutMs)).messageCount;
      } finally {
        void channel.close();
      }
    });
  }

  async #purge(serverQueue: string): Promise<number> {
    this.#options.assertOpen();
    const { link, timeoutMs } = this.#options;
    const purged = await this.#onChannel(async () => {
      const channel = await link.channel();
      try {
        return (await ask(channel.queuePurge(serverQueue), `purge queue "${serverQueue}"`, timeoutMs)).messageCount;
      } finally {
        void channel.close();
      }
    });
    return purged ?? 0;
  }

  async #scanLetters<T>(queue: string, look: (scan: QueueScan) => Promise<T>): Promise<T | undefined> {
    this.#options.assertOpen();
    return await this.#scan(this.#options.names.deadLetters(queue), look);
  }

  async #scan<T>(serverQueue: string, look: (scan: QueueScan) => Promise<T>): Promise<T | undefined> {
    const { link, names, timeoutMs } = this.#options;
    const options: ScanOptions = { link, names, timeoutMs };
    return await scanQueue(options, serverQueue, look);
  }

  async #onChannel<T>(step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof Error && codeOf(error.cause) === "NOT_FOUND") return undefined;
      throw error;
    }
  }
}

/** The messages with these ids, one for each. */
async function findAll(scan: QueueScan, ids: Set<string>): Promise<readonly SyncMessage[]> {
  const found: SyncMessage[] = [];
  while (ids.size > 0) {
    const message = await scan.next();
    if (message === undefined) break;
    if (ids.delete(letterIdOf(message))) found.push(message);
  }
  return found;
}
