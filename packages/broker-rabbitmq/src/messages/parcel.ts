import { createHash, randomUUID } from "node:crypto";
import { type DeadLetter, DeliveryMode, type OutgoingMessage } from "@chicory/core";
import type { MessageProperties } from "../amqp/message-properties.js";
import { DELAY_UNIT_MS, delayRoute } from "../topology/delay-levels.js";
import type { DelayFamily, Names } from "../topology/names.js";
import { encodeRecord } from "./dead-letter-codec.js";
import { HEADERS } from "./headers.js";

/** A message as the server gets it. */
export interface Parcel {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: MessageProperties;
  /** Whether the properties are an id and the content type of Chicory, as they are of most messages. */
  readonly usual: boolean;
  readonly body: string | Uint8Array;
  readonly bodyBytes: number;
}

/** What bodies are: an envelope of Chicory. No type that AMQP clients convert on their own. */
export const CONTENT_TYPE = "application/vnd.chicory+json";

/** The family of delay levels that a message may take. */
export function familyOf(mode: DeliveryMode): DelayFamily {
  return mode === DeliveryMode.AT_MOST_ONCE ? "amo" : "alo";
}

/** Whole seconds that a message must wait on the server; the rest is waited by the consumer. */
export function secondsToWait(message: OutgoingMessage, now: number): number {
  return message.notBefore === undefined ? 0 : Math.max(0, Math.floor((message.notBefore - now) / DELAY_UNIT_MS));
}

/** A message on its way to its queue, or to the delay levels before it. */
export function messageParcel(message: OutgoingMessage, names: Names, now: number): Parcel {
  const { id, mode, priority, notBefore, route, queue } = message;
  const body = ownBody(message.body);
  // Most messages need nothing more, and are spared the rest.
  if (notBefore === undefined && route === undefined && priority === 0 && mode === DeliveryMode.AT_LEAST_ONCE) {
    const properties = { messageId: messageIdOf(id), contentType: CONTENT_TYPE };
    return { exchange: "", routingKey: names.queue(queue), usual: true, properties, ...body };
  }
  const headers = {
    ...route?.headers,
    ...(mode === DeliveryMode.AT_MOST_ONCE ? { [HEADERS.mode]: mode } : {}),
    ...(notBefore !== undefined && notBefore > now ? { [HEADERS.notBefore]: Math.ceil(notBefore) } : {}),
  };
  return {
    ...wayOf(message, names, now),
    ...body,
    usual: false,
    properties: {
      messageId: messageIdOf(id),
      contentType: CONTENT_TYPE,
      ...(priority > 0 ? { priority } : {}),
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
    },
  };
}

function wayOf(message: OutgoingMessage, names: Names, now: number): Pick<Parcel, "exchange" | "routingKey"> {
  const { route, queue, mode } = message;
  if (route !== undefined) return { exchange: route.exchange, routingKey: route.routingKey };
  const seconds = secondsToWait(message, now);
  return seconds > 0
    ? delayRoute(names, familyOf(mode), seconds, queue)
    : { exchange: "", routingKey: names.queue(queue) };
}

/** A dead letter on its way to those of its queue. */
export function letterParcel(letter: DeadLetter, queue: string, names: Names, now: number): Parcel {
  return {
    exchange: "",
    routingKey: names.deadLetters(queue),
    ...ownBody(letter.body),
    usual: false,
    properties: {
      messageId: randomUUID(),
      contentType: CONTENT_TYPE,
      headers: { [HEADERS.letter]: encodeRecord(letter.record), [HEADERS.buriedAt]: now },
    },
  };
}

/** An id that comes back from the server as it went there, and fits. */
const PLAIN_ID = /^[\x20-\x7e]{1,255}$/;

/**
 * The id as a property, by which a message that no queue took is recognised, and for other programs: it stands in the
 * envelope too. One that AMQP would cut or change is replaced by its hash.
 */
function messageIdOf(id: string): string {
  return PLAIN_ID.test(id) ? id : createHash("sha256").update(id).digest("hex");
}

/** Bytes are copied, since the caller may write into them as soon as it has them back. */
function ownBody(body: string | Uint8Array): Pick<Parcel, "body" | "bodyBytes"> {
  return typeof body === "string"
    ? { body, bodyBytes: Buffer.byteLength(body, "utf8") }
    : { body: Buffer.from(body), bodyBytes: body.byteLength };
}
