import type { Payload } from "../payload.js";
import type { Round } from "../workload.js";
import type { TaskBody } from "./drainer.js";

/** A task as a relay sends it. */
export interface Parcel {
  readonly payload: Payload;
  /** When it may be executed, in milliseconds since the epoch. Undefined for at once. */
  readonly dueAt?: number;
  /** 0 to 9, higher first. Undefined for a queue without priorities. */
  readonly level?: number;
}

/** How a relay is opened. */
export interface RelayOptions {
  /** Tasks that may run at once; default 100. */
  readonly concurrency?: number;
  /** Attempts of a task that fails, the first included, without a pause between them; default 1. */
  readonly attempts?: number;
}

/** A client that sends while it executes, both in one process. Whoever opens one closes it. */
export interface Relay {
  /** Resolves once the server has stored the task. */
  send(parcel: Parcel): Promise<unknown>;
  /** As many sends at once, by the fastest way that the client has for these. */
  sendAll(parcels: readonly Parcel[]): Promise<unknown>;
  /** Begins to execute. Resolves when the client waits for tasks. */
  start(): Promise<void>;
  /** How many tasks the server keeps as failed for good, asked of the server. */
  failed(): Promise<number>;
  /** How many other tasks the server still holds, in whatever state, asked of the server. */
  left(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a relay on an empty server. */
export type OpenRelay = (round: Round, task: TaskBody, options?: RelayOptions) => Promise<Relay>;
