import type { OutgoingMessage } from "@chicory/core";
import type { Session } from "./session.js";

/** A message in a queue, whatever its state. */
export interface StoredMessage {
  /** The server's name for it. */
  readonly id: string;
  readonly body: Uint8Array;
  readonly priority: number;
  /** 0 if it may be handed out at once. */
  readonly notBefore: number;
  /** Place among messages of its priority: lower is handed out earlier. */
  order: number;
  /** How often it was handed out since it was stored. */
  handOuts: number;
}

/** A message in the hands of a consumer. */
export interface Lease {
  readonly token: number;
  readonly message: StoredMessage;
  readonly session: Session;
  /** The call that fetched it, so that a consumer whose call was cut off can ask for it again. */
  readonly request: number;
  untilMs: number;
}

/** The bytes of a message, as a copy that nobody else can change. */
export function bytesOf(message: Pick<OutgoingMessage, "body">): Uint8Array {
  return typeof message.body === "string" ? Buffer.from(message.body, "utf8") : Uint8Array.from(message.body);
}
