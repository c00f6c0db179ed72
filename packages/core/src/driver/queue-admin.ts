import type { StoredDeadLetter } from "./dead-letter.js";
import type { OutgoingMessage } from "./outgoing-message.js";

/** How many messages a queue holds, by state. Counted at one moment where the broker can, else nearly so. */
export interface QueueDepth {
  readonly queue: string;
  /** Due and not handed out. */
  readonly ready: number;
  /** Waiting for their time; undefined where `capabilities.counts.delayed` is false. */
  readonly delayed: number | undefined;
  /** Handed out and not settled; undefined where `capabilities.counts.inFlight` is false. */
  readonly inFlight: number | undefined;
  readonly deadLetters: number;
}

/** One page of dead letters, oldest first. */
export interface DeadLetterPage {
  readonly letters: readonly StoredDeadLetter[];
  /** Pass it on to get the following page; absent on the last one. */
  readonly next?: string;
}

/** Where a page of dead letters begins and how long it is. */
export interface BrowseOptions {
  /** Most letters in the page; 100 if not given. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/** A dead letter that is to run again: the message takes the letter's place in one step. */
export interface Replay {
  readonly letterId: string;
  readonly message: OutgoingMessage;
}

/** What operators do to queues. Reading changes nothing: browsing neither reorders nor removes nor counts. */
export interface QueueAdmin {
  /** Names of the queues that exist on the broker (for this key prefix or virtual host), sorted. */
  queues(): Promise<readonly string[]>;
  /** Counts of one queue; all zero for one that does not exist. */
  depth(queue: string): Promise<QueueDepth>;
  /** Deletes what is ready or delayed, and returns how many; deliveries in flight and dead letters stay. */
  purge(queue: string): Promise<number>;
  /** One page of the queue's dead letters, oldest first. */
  browseDeadLetters(queue: string, options?: BrowseOptions): Promise<DeadLetterPage>;
  /** One dead letter, or undefined. */
  findDeadLetter(queue: string, letterId: string): Promise<StoredDeadLetter | undefined>;
  /**
   * Publishes the messages, which are for this queue, and removes their letters: of two operators who replay the same
   * letter, one succeeds. With `capabilities.atomicRetry` each pair is one step; without it a crash between the two
   * leaves both. Returns the ids of the letters that this call replayed.
   */
  replayDeadLetters(queue: string, replays: readonly Replay[]): Promise<readonly string[]>;
  /** Deletes these dead letters; returns how many existed. */
  removeDeadLetters(queue: string, letterIds: readonly string[]): Promise<number>;
  /** Deletes every dead letter of the queue, and returns how many. */
  purgeDeadLetters(queue: string): Promise<number>;
}
