import type { Payload } from "../payload.js";
import type { Round } from "../workload.js";

/** Tasks that may run at once, where a workload asks for no other number. */
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

/**
 * The body of every task: it counts. Where tasks are to take time it returns a promise, which whoever can must wait
 * for; a bare loop cannot, and takes no part there.
 */
export type TaskBody = (payload: Payload) => unknown;

/** Opens a drainer on an empty server. */
export type OpenDrainer = (round: Round, task: TaskBody) => Promise<Drainer>;
