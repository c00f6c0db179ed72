import type { OutgoingMessage } from "../driver/outgoing-message.js";
import { ClosedError, ConnectionError, QueueFullError } from "../errors/broker-error.js";
import { PublishError, type PublishFailure } from "../errors/publish-error.js";

/** Most messages in one write: enough to amortise a round trip, little enough to keep a script call in milliseconds. */
export const MAX_BATCH_MESSAGES = 1_000;

/** Most characters of bodies in one write, so that a batch of large messages stays below the server's buffer limits. */
const MAX_BATCH_BYTES = 4_194_304;

/** Writes out at once: the broker works on one while the next is prepared and the last one's senders go on. */
const MAX_WRITES = 2;

/**
 * Fewest messages that are worth a write beside another one. Fewer are gathered, since a write has a price of its own: on
 * Redis a send by itself takes 26 µs of the server, and each message of a batch 1.5 (`npm run bench`).
 */
const MIN_BESIDE_MESSAGES = 16;

/** Most messages that may wait for a write. A producer that runs further ahead than this is refused, not buffered. */
export const MAX_WAITING_MESSAGES = 100_000;

/**
 * Sends of one batch are at most this part of their time apart in age, since the batch has the time of its oldest: when
 * the broker does not answer, a send is given up no earlier than after the rest of its time.
 */
const MAX_AGE_GAP = 1 / 8;

/**
 * Writes a batch; rejects with a {@link PublishError} naming the messages that are not certainly stored, at the
 * deadline (by the monotonic clock) at the latest.
 */
export type WriteBatch = (messages: readonly OutgoingMessage[], deadline: number) => Promise<void>;

interface Entry {
  readonly messages: readonly OutgoingMessage[];
  readonly bytes: number;
  /** By the monotonic clock: it counts from the call, since a send waits for the write before it too. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: PublishError) => void;
}

/**
 * Joins sends into batches. A send is written at once (at the end of the current turn) if no write is out; sends that
 * come meanwhile are gathered and written together when it is done. As soon as enough of them wait for two writes to
 * pay, two are out: otherwise client and server would work by turns, each waiting for the other. There is no timer: a
 * lone send never waits, and under load the batches grow by themselves.
 *
 * Writes begin in the order of the sends. One that has to be repeated may be stored after the one that follows it.
 *
 * Owned by the broker. `close` refuses new sends and resolves when those under way are settled.
 */
export class GroupCommit {
  readonly #write: WriteBatch;
  readonly #timeoutMs: number;
  #waiting: Entry[] = [];
  #waitingMessages = 0;
  readonly #writing = new Set<Promise<void>>();
  #isDue = false;
  #closed = false;

  /** `timeoutMs` is the longest time until a send is settled one way or the other, waiting included. */
  constructor(write: WriteBatch, timeoutMs: number) {
    this.#write = write;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves when every message is stored; rejects with a {@link PublishError} about these messages only. */
  submit(messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    const cause = this.#refusal(messages.length);
    if (cause !== undefined) {
      return Promise.reject(new PublishError(messages.map((message) => ({ message, outcome: "rejected", cause }))));
    }
    return new Promise((resolve, reject) => {
      let bytes = 0;
      for (const { body } of messages) bytes += body.length;
      const deadline = performance.now() + this.#timeoutMs;
      this.#waiting.push({ messages, bytes, deadline, resolve, reject });
      this.#waitingMessages += messages.length;
      this.#schedule();
    });
  }

  /** Refuses new sends, and resolves when all that were accepted are settled. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#waiting.length > 0 || this.#writing.size > 0) {
      this.#begin();
      await Promise.race(this.#writing);
    }
  }

  #refusal(count: number): Error | undefined {
    if (this.#closed) return new ClosedError("The app was closed: create a new one to send");
    // A single call larger than the bound is accepted when nothing waits: it is one array that the caller holds anyway.
    if (this.#waitingMessages === 0 || this.#waitingMessages + count <= MAX_WAITING_MESSAGES) return undefined;
    return new QueueFullError(
      `${this.#waitingMessages} sends wait for the broker, more than it takes: await sends, or use sendMany with fewer at once`,
    );
  }

  /** Writes what waits at the end of the current turn, which may send more: one write for all of it. */
  #schedule(): void {
    if (this.#isDue || !this.#mayWrite) return;
    this.#isDue = true;
    process.nextTick(() => {
      this.#isDue = false;
      this.#begin();
    });
  }

  get #mayWrite(): boolean {
    if (this.#writing.size === 0) return this.#waiting.length > 0;
    return this.#writing.size < MAX_WRITES && this.#waitingMessages >= MIN_BESIDE_MESSAGES;
  }

  #begin(): void {
    while (this.#mayWrite) {
      // Halves go on by turns: of one write for all, all senders would go on at once, and be one write again.
      const isShared = this.#writing.size === 0 && this.#waitingMessages >= MAX_WRITES * MIN_BESIDE_MESSAGES;
      const share = isShared ? Math.ceil(this.#waitingMessages / MAX_WRITES) : this.#waitingMessages;
      const written = this.#commit(this.#take(Math.min(share, MAX_BATCH_MESSAGES))).then(() => {
        this.#writing.delete(written);
        this.#schedule();
      });
      this.#writing.add(written);
    }
  }

  /** The oldest that wait, up to so many messages; a call with more is taken whole. */
  #take(most: number): Entry[] {
    let count = 0;
    let messages = 0;
    let bytes = 0;
    const youngest = (this.#waiting[0]?.deadline ?? 0) + this.#timeoutMs * MAX_AGE_GAP;
    for (const entry of this.#waiting) {
      const tooMany = messages + entry.messages.length > most || bytes + entry.bytes > MAX_BATCH_BYTES;
      if (count > 0 && (tooMany || entry.deadline > youngest)) break;
      count += 1;
      messages += entry.messages.length;
      bytes += entry.bytes;
    }
    const batch = count === this.#waiting.length ? this.#waiting : this.#waiting.slice(0, count);
    this.#waiting = count === this.#waiting.length ? [] : this.#waiting.slice(count);
    this.#waitingMessages -= messages;
    return batch;
  }

  async #commit(entries: readonly Entry[]): Promise<void> {
    const [first] = entries;
    // A batch of one call, such as a sendMany, goes out as the array that it came in.
    const single = first !== undefined && entries.length === 1;
    const messages = single ? first.messages : entries.flatMap((entry) => entry.messages);
    // The first is the oldest.
    const failures = await this.#writeAll(messages, first?.deadline ?? 0);
    if (failures.size === 0) {
      for (const entry of entries) entry.resolve();
      return;
    }
    for (const entry of entries) {
      const own = entry.messages.flatMap((message) => failures.get(message) ?? []);
      if (own.length === 0) entry.resolve();
      else entry.reject(new PublishError(own));
    }
  }

  /** Failures by message: by identity, since ids may repeat within a batch. */
  async #writeAll(
    messages: readonly OutgoingMessage[],
    deadline: number,
  ): Promise<ReadonlyMap<OutgoingMessage, PublishFailure>> {
    try {
      await this.#write(messages, deadline);
      return new Map();
    } catch (error) {
      if (error instanceof PublishError) return new Map(error.failures.map((failure) => [failure.message, failure]));
      // A driver that rejects with something else says nothing about what was stored.
      const cause = new ConnectionError("The broker driver failed while publishing", { cause: error });
      return new Map(messages.map((message) => [message, { message, outcome: "unknown", cause }]));
    }
  }
}
