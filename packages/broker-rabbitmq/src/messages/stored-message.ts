import type { MessageProperties } from "../amqp/message-properties.js";

/** A message as it lies in a queue. */
export interface StoredMessage extends Pick<MessageProperties, "headers" | "messageId" | "timestamp"> {
  readonly body: Uint8Array;
}
