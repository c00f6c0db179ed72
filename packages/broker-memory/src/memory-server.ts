import {
  type BrokerError,
  type OutgoingMessage,
  type PublishFailure,
  type QueueDepth,
  type Replay,
  type Settlement,
  UnsupportedError,
} from "@chicory/core";
import { unsupported } from "./capabilities.js";
import { type Clock, systemClock } from "./clock.js";
import type { DeadLetterBox } from "./dead-letter-box.js";
import { tokenOf } from "./memory-delivery.js";
import { MemoryQueue } from "./memory-queue.js";
import type { Session } from "./session.js";
import type { Lease } from "./stored-message.js";
import { Transit } from "./transit.js";

/** How a server is made. */
export interface MemoryServerOptions {
  /** Default: the time of the machine. Give a `VirtualClock` to advance it by hand. */
  readonly clock?: Clock;
  /** Plays calls in a pseudo-random order that this number decides; in the order of the calls if not given. */
  readonly seed?: number;
}

/** What became of settlements: those that the session did not hold, and those that the server refused. */
export interface Settled {
  readonly lost: readonly Settlement[];
  readonly refused: readonly { readonly settlement: Settlement; readonly cause: BrokerError }[];
}

/**
 * The embedded broker's state, which several drivers may share as several processes share a real server. Each method
 * is one atomic step; drivers reach it through their link alone.
 */
export class MemoryServer {
  readonly clock: Clock;
  readonly transit: Transit;
  readonly seed: number | undefined;
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #onCut = new Set<() => void>();
  #running = true;

  constructor(options: MemoryServerOptions = {}) {
    this.clock = options.clock ?? systemClock;
    this.seed = options.seed;
    this.transit = new Transit(options.seed);
    this.clock.attach?.(this.transit);
  }

  /** Stores messages in order, and returns those that were refused. */
  publish(messages: readonly OutgoingMessage[], maxLength: number | undefined): readonly PublishFailure[] {
    return messages.flatMap((message): PublishFailure[] => {
      const cause = unsupported(message, this.clock.now()) ?? this.#queue(message.queue).publish(message, maxLength);
      return cause === undefined ? [] : [{ message, outcome: "rejected", cause }];
    });
  }

  /** Opens a session on a queue, which is created. */
  open(queue: string, leaseMs: number): Session {
    this.#queue(queue);
    return { queue, leaseMs, closed: false };
  }

  /**
   * Hands out up to `max` messages under the number of this request; what the requests in `unanswered` fetched comes
   * first.
   */
  take(session: Session, request: number, max: number, unanswered: ReadonlySet<number>): readonly Lease[] {
    if (session.closed) return [];
    const queue = this.#queue(session.queue);
    if (unanswered.size > 0) queue.recover(session, unanswered);
    return queue.take(session, request, max);
  }

  /** Settles one after the other, each by itself. */
  settle(session: Session, settlements: readonly Settlement[]): Settled {
    const lost: Settlement[] = [];
    const refused: { settlement: Settlement; cause: BrokerError }[] = [];
    for (const settlement of settlements) {
      const cause = this.#refusal(session, settlement);
      if (cause !== undefined) refused.push({ settlement, cause });
      else if (!this.settleOne(session, settlement)) lost.push(settlement);
    }
    return { lost, refused };
  }

  /** Settles one delivery; whether the session still held it. */
  settleOne(session: Session, settlement: Settlement): boolean {
    const queue = this.#queue(session.queue);
    const token = tokenOf(settlement.delivery);
    const message = token === undefined ? undefined : queue.remove(session, token);
    if (message === undefined) return false;
    switch (settlement.kind) {
      case "ack":
        return true;
      case "requeue":
        queue.requeue(message);
        return true;
      case "retry":
        queue.store(settlement.replacement);
        return true;
      case "deadLetter":
        queue.letters.add(settlement.letter);
        return true;
    }
  }

  /** Prolongs leases, and returns the tokens of those that are gone. */
  renew(session: Session, tokens: readonly number[]): readonly number[] {
    return this.#queue(session.queue).renew(session, tokens);
  }

  /** Ends a session and gives back what it holds. */
  release(session: Session): void {
    session.closed = true;
    this.#queue(session.queue).release(session);
  }

  /** Calls `wake` whenever messages of the session's queue have become ready. */
  onReady(session: Session, wake: () => void): () => void {
    return this.#queue(session.queue).onReady(wake);
  }

  /** Names of the queues that exist, sorted. */
  queues(): readonly string[] {
    return [...this.#queues.keys()].sort();
  }

  depth(queue: string): QueueDepth {
    return this.#queues.get(queue)?.depth ?? { queue, ready: 0, delayed: 0, inFlight: 0, deadLetters: 0 };
  }

  /** When the next delayed message of a queue falls due; undefined if there is none. */
  nextDueMs(queue: string): number | undefined {
    return this.#queues.get(queue)?.nextDueMs;
  }

  purge(queue: string): number {
    return this.#queues.get(queue)?.purge() ?? 0;
  }

  /** The dead letters of a queue, or undefined if it does not exist. */
  letters(queue: string): DeadLetterBox | undefined {
    return this.#queues.get(queue)?.letters;
  }

  /** Puts each message in the place of its letter, if that is still there; returns the ids of those letters. */
  replay(queue: string, replays: readonly Replay[]): readonly string[] {
    for (const { message } of replays) {
      const cause = unsupported(message, this.clock.now()) ?? elsewhere(queue, message);
      if (cause !== undefined) throw cause;
    }
    return replays.flatMap(({ letterId, message }) => {
      if (this.letters(queue)?.remove(letterId) !== true) return [];
      this.#queue(queue).store(message);
      return [letterId];
    });
  }

  /** Whether the server answers. */
  get running(): boolean {
    return this.#running;
  }

  /** Cuts every connection: calls under way fail, and whether they were done before is left to chance. */
  sever(): void {
    for (const cut of [...this.#onCut]) cut();
  }

  /** Stops answering, with everything kept. May be called twice. */
  stop(): void {
    this.#running = false;
    this.sever();
  }

  /** Answers again after {@link stop}. May be called twice. */
  start(): void {
    this.#running = true;
  }

  /** Calls `cut` when connections are cut, until the returned function is called. */
  onCut(cut: () => void): () => void {
    this.#onCut.add(cut);
    return () => this.#onCut.delete(cut);
  }

  #queue(name: string): MemoryQueue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new MemoryQueue(name, this.clock);
      this.#queues.set(name, queue);
    }
    return queue;
  }

  #refusal(session: Session, settlement: Settlement): BrokerError | undefined {
    if (settlement.kind !== "retry") return undefined;
    const { replacement } = settlement;
    return unsupported(replacement, this.clock.now()) ?? elsewhere(session.queue, replacement);
  }
}

function elsewhere(queue: string, message: OutgoingMessage): BrokerError | undefined {
  if (message.queue === queue) return undefined;
  return new UnsupportedError(
    `A message of queue "${queue}" cannot be replaced by one of queue "${message.queue}": publish it there and ack`,
  );
}
