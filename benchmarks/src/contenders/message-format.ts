import { randomUUID } from "node:crypto";
import type { Payload } from "../payload.js";

/** What a bare client writes into an entry, and how it reads it. */
export interface MessageFormat {
  /** `id` is for clients that write it beside the message too. */
  readonly encode: (payload: Payload, id?: string) => string;
  readonly decode: (text: string) => Payload;
}

/** The message that Chicory's wire asks for, with all that makes a payload a task: the same bytes on both sides. */
export const wholeMessage: MessageFormat = {
  encode: (input, id = randomUUID()) =>
    JSON.stringify({
      v: 1,
      id,
      name: "noop",
      input,
      retries: 0,
      enqueuedAt: Date.now(),
      mode: "at-least-once",
    }),
  decode: (text) => (JSON.parse(text) as { input: Payload }).input,
};

/** The payload alone, under half of the bytes: the least that moves it from one side to the other. */
export const barePayload: MessageFormat = {
  encode: (payload) => JSON.stringify(payload),
  decode: (text) => JSON.parse(text) as Payload,
};
