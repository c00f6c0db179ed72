import type { Payload } from "../payload.js";
import type { Round } from "../workload.js";

/** Tasks that may run at once. */
export const CONCURRENCY = 100;

/** A client that sends tasks and executes them, opened for one round. */
export interface Drainer {
  /** Stores tasks; none is executed yet. */
  fill(payloads: readonly Payload[]): Promise<void>;
  /** Executes what is stored, and resolves once `count` tasks are executed and gone from the server. */
  drain(count: number): Promise<void>;
  /** How many tasks the server still holds, in whatever state, asked of the server. */
  left(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a drainer on an empty server; `task` is the body of every task, which does nothing but count. */
export type OpenDrainer = (round: Round, task: (payload: Payload) => void) => Promise<Drainer>;
