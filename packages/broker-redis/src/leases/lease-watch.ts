import type { RedisConfig } from "../config.js";
import type { LogLine } from "./thread-logger.js";

/** Whose leases a thread keeps while the event loop is blocked; replaced as a whole when it changes. */
export interface LeaseWatch {
  /** Silence after which the event loop counts as hung, in milliseconds. */
  readonly patienceMs: number;
  readonly queues: readonly WatchedQueue[];
}

/** A queue of which this process may hold something. */
export interface WatchedQueue {
  readonly queue: string;
  /** Name in the consumer group. */
  readonly consumer: string;
  /** Every work stream, used or not: a thread cannot be told of a priority by a loop that is blocked. */
  readonly streams: readonly string[];
}

/** What the thread is started with. It never leaves the process: it holds the config with its secrets. */
export interface LeaseThreadData {
  readonly config: RedisConfig;
  /** Last part of the names of the thread's connections, for operators. */
  readonly nonce: string;
  readonly pulse: SharedArrayBuffer;
  readonly watch: LeaseWatch;
}

/** What the thread says: that it is at its post, or a line for the log. */
export type LeaseThreadNews = { readonly kind: "ready" } | { readonly kind: "log"; readonly line: LogLine };
