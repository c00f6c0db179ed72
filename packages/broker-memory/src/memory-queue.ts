import { type BrokerError, type OutgoingMessage, type QueueDepth, QueueFullError } from "@chicory/core";
import type { Cancel, Clock } from "./clock.js";
import { DeadLetterBox } from "./dead-letter-box.js";
import { Heap } from "./heap.js";
import { SeenIds } from "./seen-ids.js";
import type { Session } from "./session.js";
import { bytesOf, type Lease, type StoredMessage } from "./stored-message.js";

/** One queue: its messages in their three states, its dead letters, and who waits. Every method is one atomic step. */
export class MemoryQueue {
  readonly name: string;
  readonly letters = new DeadLetterBox();
  readonly #clock: Clock;
  readonly #ready = new Heap<StoredMessage>((a, b) => b.priority - a.priority || a.order - b.order);
  readonly #delayed = new Heap<StoredMessage>((a, b) => a.notBefore - b.notBefore || a.order - b.order);
  readonly #leases = new Map<number, Lease>();
  readonly #seen = new SeenIds();
  readonly #waiting = new Set<() => void>();
  #lastOrder = 0;
  #lastToken = 0;
  #alarmAt = Number.POSITIVE_INFINITY;
  #cancelAlarm: Cancel = () => undefined;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  get depth(): QueueDepth {
    this.#promote();
    return {
      queue: this.name,
      ready: this.#ready.size,
      delayed: this.#delayed.size,
      inFlight: this.#leases.size,
      deadLetters: this.letters.size,
    };
  }

  /** When the next delayed message falls due, in milliseconds since the epoch; undefined if there is none. */
  get nextDueMs(): number | undefined {
    return this.#delayed.peek()?.notBefore;
  }

  /** Stores a message of a publisher, unless its id was seen. Returns why it is refused, if it is. */
  publish(message: OutgoingMessage, maxLength: number | undefined): BrokerError | undefined {
    const now = this.#clock.now();
    const { id, dedupeMs } = message;
    if (dedupeMs !== undefined && this.#seen.has(id, now)) return undefined;
    if (maxLength !== undefined && this.#ready.size + this.#delayed.size + this.#leases.size >= maxLength) {
      return new QueueFullError(
        `Queue "${this.name}" holds ${maxLength} messages, as many as its maxLength allows: let workers catch up, or raise it`,
      );
    }
    if (dedupeMs !== undefined) this.#seen.add(id, now + dedupeMs, now);
    this.store(message);
    return undefined;
  }

  /** Stores a message, whatever its id and however full the queue is: it takes the place of another one. */
  store(message: OutgoingMessage): void {
    this.#lastOrder += 1;
    const stored: StoredMessage = {
      id: String(this.#lastOrder),
      body: bytesOf(message),
      priority: message.priority,
      notBefore: message.notBefore ?? 0,
      order: this.#lastOrder,
      handOuts: 0,
    };
    if (stored.notBefore > this.#clock.now()) {
      this.#delayed.push(stored);
      this.#alarmForDelayed();
    } else {
      this.#addReady(stored);
    }
  }

  /** Hands out up to `max` messages that are due. */
  take(session: Session, request: number, max: number): readonly Lease[] {
    this.#promote();
    const untilMs = this.#clock.now() + session.leaseMs;
    const leases: Lease[] = [];
    while (leases.length < max) {
      const message = this.#ready.pop();
      if (message === undefined) break;
      this.#lastToken += 1;
      message.handOuts += 1;
      const lease = { token: this.#lastToken, message, session, request, untilMs };
      this.#leases.set(lease.token, lease);
      leases.push(lease);
    }
    if (leases.length > 0) this.#alarmBy(untilMs);
    return leases;
  }

  /** Prolongs leases, and returns the tokens of those that are gone. */
  renew(session: Session, tokens: readonly number[]): readonly number[] {
    const untilMs = this.#clock.now() + session.leaseMs;
    return tokens.filter((token) => {
      const lease = this.#held(session, token);
      if (lease !== undefined) lease.untilMs = untilMs;
      return lease === undefined;
    });
  }

  /** Ends a lease for good: the message is gone from the queue. Returns it, or undefined if the lease was gone. */
  remove(session: Session, token: number): StoredMessage | undefined {
    const lease = this.#held(session, token);
    if (lease === undefined) return undefined;
    this.#leases.delete(token);
    return lease.message;
  }

  /** Stores a message anew that was given back: others go first, and nothing says that it was handed out. */
  requeue(message: StoredMessage): void {
    this.#lastOrder += 1;
    this.#addReady({ ...message, id: String(this.#lastOrder), order: this.#lastOrder, handOuts: 0 });
  }

  /** Gives back everything that a closed session held, at its old place and as if it had never been handed out. */
  release(session: Session): void {
    for (const lease of this.#leases.values()) {
      if (lease.session !== session) continue;
      this.#leases.delete(lease.token);
      this.#addReady({ ...lease.message, handOuts: 0 });
    }
  }

  /** Makes what these calls fetched available again: their answers never arrived, so it was not handed out. */
  recover(session: Session, requests: ReadonlySet<number>): void {
    for (const lease of this.#leases.values()) {
      if (lease.session !== session || !requests.has(lease.request)) continue;
      lease.message.handOuts -= 1;
      this.#abandon(lease);
    }
  }

  /** Deletes what is ready or delayed, and returns how many. */
  purge(): number {
    const count = this.#ready.size + this.#delayed.size;
    this.#ready.clear();
    this.#delayed.clear();
    return count;
  }

  /** Calls `wake` whenever messages have become ready, until the returned function is called. */
  onReady(wake: () => void): Cancel {
    this.#waiting.add(wake);
    this.#alarmForDelayed();
    return () => this.#waiting.delete(wake);
  }

  #held(session: Session, token: number): Lease | undefined {
    const lease = this.#leases.get(token);
    return lease?.session === session ? lease : undefined;
  }

  #addReady(message: StoredMessage): void {
    this.#ready.push(message);
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Makes a message ready again whose holder seems dead; it counts as handed out. */
  #abandon(lease: Lease): void {
    this.#leases.delete(lease.token);
    this.#addReady(lease.message);
  }

  #promote(): void {
    const now = this.#clock.now();
    for (let first = this.#delayed.peek(); first !== undefined && first.notBefore <= now; ) {
      this.#delayed.pop();
      this.#ready.push(first);
      first = this.#delayed.peek();
    }
  }

  /**
   * Makes sure that the alarm rings at this time or earlier. Leases end only by the alarm, never while another call is
   * answered: after a pause of the whole process the renewals, which fell due earlier, come first.
   */
  #alarmBy(atMs: number): void {
    if (atMs >= this.#alarmAt) return;
    this.#cancelAlarm();
    this.#alarmAt = atMs;
    this.#cancelAlarm = this.#clock.schedule(atMs, () => this.#onAlarm());
  }

  #onAlarm(): void {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const lease of this.#leases.values()) {
      if (lease.untilMs <= now) this.#abandon(lease);
      else next = Math.min(next, lease.untilMs);
    }
    this.#promote();
    if (this.#ready.size > 0) this.#wake();
    this.#alarmBy(next);
    this.#alarmForDelayed();
  }

  /** Delayed messages need an alarm only if somebody waits: whoever comes later looks for himself. */
  #alarmForDelayed(): void {
    const first = this.#delayed.peek();
    if (first !== undefined && this.#waiting.size > 0) this.#alarmBy(first.notBefore);
  }
}
