import {
  type BrowseOptions,
  type DeadLetterPage,
  isQueueName,
  type QueueAdmin,
  type QueueDepth,
  type Replay,
  type StoredDeadLetter,
} from "@chicory/core";
import type { Link } from "../connection/link.js";
import { decodeLetter, letterIdOf } from "../messages/dead-letter-codec.js";
import type { Outbox } from "../publishing/outbox.js";
import type { Names } from "../topology/names.js";
import { decodeCursor, encodeCursor, PageCollector } from "./dead-letter-cursor.js";
import type { QueueCounter } from "./queue-counter.js";
import type { PassedMessage } from "./queue-reader.js";
import { type QueueScan, type ScanOptions, scanQueue } from "./queue-scan.js";

const DEFAULT_PAGE = 100;

/** What a {@link RabbitmqAdmin} needs. */
export interface RabbitmqAdminOptions {
  readonly link: Link;
  readonly names: Names;
  readonly outbox: Outbox;
  readonly counter: QueueCounter;
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
    const { names, counter } = this.#options;
    const found = await this.#scan(names.registry(), async (scan) => {
      const seen = new Set<string>();
      for (let message = await scan.next(); message !== undefined; message = await scan.next()) {
        const name = Buffer.from(message.body).toString("utf8");
        if (seen.has(name)) scan.take(message);
        seen.add(name);
      }
      // Whoever may write to the server may have put anything there.
      return [...seen].filter(isQueueName);
    });
    const counts = await Promise.all((found ?? []).map((name) => counter.count(names.queue(name))));
    return (found ?? []).filter((_, index) => counts[index] !== undefined).sort();
  }

  async depth(queue: string): Promise<QueueDepth> {
    this.#options.assertOpen();
    const { names, kept, counter } = this.#options;
    const [ready, deadLetters] = await Promise.all([
      counter.count(names.queue(queue)),
      counter.count(names.deadLetters(queue)),
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
    const { names, counter, assertOpen } = this.#options;
    assertOpen();
    return await counter.purge(names.queue(queue));
  }

  async browseDeadLetters(queue: string, options: BrowseOptions = {}): Promise<DeadLetterPage> {
    const { limit = DEFAULT_PAGE, after } = options;
    const page = new PageCollector(after === undefined ? undefined : decodeCursor(after), limit);
    await this.#scanLetters(queue, async (scan) => {
      let message = await scan.next();
      while (message !== undefined && page.add(message)) message = await scan.next();
    });
    const letters = page.letters.map((message) => decodeLetter(message, queue));
    return page.more && letters.length > 0 ? { letters, next: encodeCursor(page.letters) } : { letters };
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
    const { names, counter, assertOpen } = this.#options;
    assertOpen();
    return await counter.purge(names.deadLetters(queue));
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
}

/** The messages with these ids, one for each. */
async function findAll(scan: QueueScan, ids: Set<string>): Promise<readonly PassedMessage[]> {
  const found: PassedMessage[] = [];
  while (ids.size > 0) {
    const message = await scan.next();
    if (message === undefined) break;
    if (ids.delete(letterIdOf(message))) found.push(message);
  }
  return found;
}
