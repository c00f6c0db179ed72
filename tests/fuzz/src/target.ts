import type { FuzzedWorker } from "./fuzzed-worker.js";

/** Something bad, or a good neighbour of it, on its way to a broker. */
export interface Case {
  /** The message's body as a worker should see it. */
  readonly body: Buffer;
  /** True where what else is in the message decides whether it is run or buried; it must still end as one of them. */
  readonly lenient?: boolean;
}

/** A dead letter, read by a client that knows nothing of Chicory's drivers. */
export interface Letter {
  readonly body: Buffer;
  /** The reason in its record; empty if it has none. */
  readonly reason: string;
}

/** A broker under fuzz. */
export interface Target<T extends Case> {
  readonly name: string;
  readonly worker: FuzzedWorker;
  /** The cases of a chunk. */
  generate(count: number, seed: number): readonly T[];
  /** A message that any worker runs. */
  good(id: string, body: Buffer): T;
  /** Puts cases into the queue in this order; returns those that the server may have refused, by index. */
  put(cases: readonly T[]): Promise<ReadonlySet<number>>;
  /** Takes the dead letters away that are there. */
  takeLetters(): Promise<readonly Letter[]>;
  /** What the server still keeps of the queue besides dead letters; empty once everything is settled. */
  leftovers(): Promise<string>;
  close(): Promise<void>;
}
