import type { Payload } from "../payload.js";
import type { Round } from "../workload.js";

/** A client that sends, opened for one round. */
export interface Producer {
  /** Resolves once the server has stored the message. */
  send(payload: Payload): Promise<unknown>;
  /** Resolves once the server has stored every one. */
  sendBatch(payloads: readonly Payload[]): Promise<unknown>;
  /** How many messages the server holds, asked of the server. */
  stored(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a producer on an empty server. */
export type OpenProducer = (round: Round) => Promise<Producer>;
