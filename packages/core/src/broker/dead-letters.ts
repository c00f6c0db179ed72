import { setTimeout as sleep } from "node:timers/promises";
import { DeliveryMode } from "../delivery-mode.js";
import type { StoredDeadLetter } from "../driver/dead-letter.js";
import type { BrokerDriver } from "../driver/driver.js";
import type { BrowseOptions, DeadLetterPage, Replay } from "../driver/queue-admin.js";
import { UNKNOWN_TASK_TRIES } from "../tasks/admission.js";
import { decodeEnvelope } from "../wire/decode.js";
import { encodeReplacement } from "../wire/encode.js";

/** Which dead letters to replay. */
export interface ReplayOptions {
  /** Only these; every one that is there at the call if not given. */
  readonly ids?: readonly string[];
  /** Most letters to replay per second; as fast as the broker takes them if not given. */
  readonly ratePerSecond?: number;
  readonly signal?: AbortSignal;
}

/** Letters per request while replaying or listing all. */
const PAGE_SIZE = 100;

/** The dead letters of one queue, for operators and tests. */
export class DeadLetters {
  readonly queue: string;
  readonly #driver: () => Promise<BrokerDriver>;

  constructor(queue: string, driver: () => Promise<BrokerDriver>) {
    this.queue = queue;
    this.#driver = driver;
  }

  /** One page, oldest first. Reading changes nothing. */
  async list(options: BrowseOptions = {}): Promise<DeadLetterPage> {
    const { admin } = await this.#driver();
    return admin.browseDeadLetters(this.queue, options);
  }

  /** One letter by its id, or undefined. */
  async get(letterId: string): Promise<StoredDeadLetter | undefined> {
    const { admin } = await this.#driver();
    return admin.findDeadLetter(this.queue, letterId);
  }

  /** How many there are. */
  async count(): Promise<number> {
    const { admin } = await this.#driver();
    return (await admin.depth(this.queue)).deadLetters;
  }

  /**
   * Puts letters back into their queue with a fresh set of attempts, and removes them from the dead letters; a crash
   * leaves a letter or its message, never neither. Returns how many; a letter that somebody else replayed or removed
   * meanwhile is not counted. A body that cannot be decoded is put back byte for byte, and will be buried again unless
   * a newer worker can read it.
   */
  async replay(options: ReplayOptions = {}): Promise<number> {
    const { admin } = await this.#driver();
    let replayed = 0;
    const startedAt = performance.now();
    for await (const letters of options.ids === undefined ? this.#all() : this.#chosen(options.ids)) {
      for (const batch of batches(letters, options.ratePerSecond)) {
        options.signal?.throwIfAborted();
        if (options.ratePerSecond !== undefined) {
          await pauseUntil(startedAt + (replayed / options.ratePerSecond) * 1_000, options.signal);
        }
        replayed += (
          await admin.replayDeadLetters(
            this.queue,
            batch.map((letter) => this.#toReplay(letter)),
          )
        ).length;
      }
    }
    return replayed;
  }

  /** Deletes these letters; returns how many existed. */
  async remove(letterIds: readonly string[]): Promise<number> {
    const { admin } = await this.#driver();
    return admin.removeDeadLetters(this.queue, letterIds);
  }

  /** Deletes every letter, and returns how many. */
  async purge(): Promise<number> {
    const { admin } = await this.#driver();
    return admin.purgeDeadLetters(this.queue);
  }

  async *#chosen(ids: readonly string[]): AsyncGenerator<readonly StoredDeadLetter[]> {
    const wanted = new Set(ids);
    const count = await this.count();
    // Page by page where that takes fewer calls than asking for each. While others look, some brokers count fewer.
    let left = wanted.size * PAGE_SIZE < count ? 0 : count + wanted.size;
    let after: string | undefined;
    while (left > 0 && wanted.size > 0) {
      const { letters, next } = await this.#page(PAGE_SIZE, after);
      const chosen = letters.filter(({ id }) => wanted.delete(id));
      if (chosen.length > 0) yield chosen;
      if (next === undefined) return;
      left -= letters.length;
      after = next;
    }
    for (const id of wanted) {
      const letter = await this.get(id);
      if (letter !== undefined) yield [letter];
    }
  }

  async *#all(): AsyncGenerator<readonly StoredDeadLetter[]> {
    // Letters that are buried while this runs, by the replayed tasks perhaps, are not replayed again and again.
    let left = await this.count();
    let after: string | undefined;
    while (left > 0) {
      const { letters, next } = await this.#page(Math.min(PAGE_SIZE, left), after);
      if (letters.length === 0) return;
      yield letters;
      left -= letters.length;
      if (next === undefined) return;
      after = next;
    }
  }

  #page(limit: number, after: string | undefined): Promise<DeadLetterPage> {
    return this.list(after === undefined ? { limit } : { limit, after });
  }

  #toReplay(letter: StoredDeadLetter): Replay {
    return { letterId: letter.id, message: { queue: this.queue, ...freshMessage(letter) } };
  }
}

/** Envelope fields of earlier failures; what is undefined is left out of the JSON. */
const FORGOTTEN: Readonly<Record<string, undefined>> = {
  firstFailureAt: undefined,
  lastError: undefined,
  [UNKNOWN_TASK_TRIES]: undefined,
};

/** The letter's message with nothing left of its failures. */
function freshMessage(letter: StoredDeadLetter): Omit<Replay["message"], "queue"> {
  try {
    const kept = decodeEnvelope(letter.body);
    return {
      id: kept.id,
      body: encodeReplacement({ ...kept, retries: 0, ...FORGOTTEN }),
      mode: kept.mode ?? DeliveryMode.AT_LEAST_ONCE,
      priority: kept.priority ?? 0,
    };
  } catch {
    // Undecodable: an operator who replays it has a worker that can read it, or wants to see it fail again.
    return { id: letter.id, body: letter.body, mode: DeliveryMode.AT_LEAST_ONCE, priority: 0 };
  }
}

function* batches<T>(items: readonly T[], ratePerSecond: number | undefined): Generator<readonly T[]> {
  const size = ratePerSecond === undefined ? items.length : Math.max(1, Math.floor(ratePerSecond / 10));
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

async function pauseUntil(time: number, signal: AbortSignal | undefined): Promise<void> {
  const ms = time - performance.now();
  if (ms > 0) await sleep(ms, undefined, signal === undefined ? {} : { signal });
}
