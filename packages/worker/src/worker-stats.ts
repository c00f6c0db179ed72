import type { Counts } from "./counters.js";

/** How far a worker is in its life; it lives once. */
export type WorkerState = "new" | "starting" | "running" | "stopping" | "stopped";

/** One queue of a worker, at one moment. */
export interface QueueStats extends Counts {
  readonly queue: string;
  readonly concurrency: number;
  /** Slots that are taken, zombies included. */
  readonly running: number;
  /** Fetched, and waiting for a slot. */
  readonly waiting: number;
  /** Handed over to be settled, and not known to be settled. */
  readonly settling: number;
  /** Handlers that go on although their outcome is known: they ignored their timeout, or lost their delivery. */
  readonly zombies: number;
}

/** A worker at one moment: the sums over its queues, and each queue. */
export interface WorkerStats extends Counts {
  readonly state: WorkerState;
  readonly running: number;
  readonly waiting: number;
  readonly settling: number;
  readonly zombies: number;
  readonly queues: readonly QueueStats[];
}

/** Whether one queue makes progress. */
export interface QueueHealth {
  readonly queue: string;
  /** False if the broker has been silent, or the queue unusable, for longer than `stallTimeoutMs`. */
  readonly ok: boolean;
  /** When the broker last answered the consumer, in milliseconds since the epoch; undefined before it was opened. */
  readonly lastAnsweredAt: number | undefined;
  /** For how long fetching or settling has failed, in milliseconds; 0 if both work. */
  readonly failingMs: number;
}

/** Whether a worker makes progress: what its queues' brokers answered, not what its sockets seem to be. */
export interface WorkerHealth {
  /** True while the worker runs and every queue is ok. */
  readonly ok: boolean;
  readonly state: WorkerState;
  readonly queues: readonly QueueHealth[];
}
