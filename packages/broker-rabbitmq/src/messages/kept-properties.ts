import type { MessageProperties } from "../amqp/message-properties.js";

/** AMQP's limit for names, ids and types, in bytes. */
export const MAX_SHORT_BYTES = 255;

/** Most bytes of headers that are published again: all properties must fit into one frame, with room for our own. */
const MAX_HEADER_BYTES = 64 * 1_024;

/** Deepest nesting of header values. */
const MAX_DEPTH = 16;

/** Properties that are texts. A name of a user is not among them: the server takes it from that user alone. */
const TEXTS = ["contentType", "contentEncoding", "correlationId", "replyTo", "messageId", "type", "appId"] as const;

/** Largest timestamp that is published again: what JavaScript holds exactly, in seconds. */
const MAX_TIMESTAMP = Number.MAX_SAFE_INTEGER;

/** Headers that a server writes, or takes for orders: to publish them once more would be to give the order twice. */
const ORDERS = /^(x-(death|first-death|last-death|delivery-count|acquired-count)|B?CC$)/;

/**
 * The properties of a message of anybody that is published again, as far as they can be. What a client in JavaScript
 * cannot write as it was (bytes that are no text and grow, numbers of other types) is left out: a message that could not
 * be given back would stay with its worker for ever. The headers that the server wrote about its way go too, since it
 * takes them for the way of the new one, and drops what seems to run in a circle.
 */
export function keptProperties(message: MessageProperties): MessageProperties {
  const texts = TEXTS.flatMap((name) => {
    const value = message[name];
    return typeof value === "string" && fitsShort(value) ? [[name, value] as const] : [];
  });
  const { priority, timestamp } = message;
  const headers = headersToKeep(message.headers);
  return {
    ...Object.fromEntries(texts),
    ...(typeof priority === "number" ? { priority } : {}),
    ...(typeof timestamp === "number" && timestamp <= MAX_TIMESTAMP ? { timestamp } : {}),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
  };
}

/** The headers of a message that may be published again. */
export function headersToKeep(headers: unknown): Record<string, unknown> {
  if (typeof headers !== "object" || headers === null) return {};
  const kept: Record<string, unknown> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    const size = sizeOf(value, 0);
    if (ORDERS.test(name) || !fitsShort(name) || size === undefined) continue;
    bytes += Buffer.byteLength(name) + size;
    if (bytes > MAX_HEADER_BYTES) break;
    kept[name] = value;
  }
  return kept;
}

/** Whether AMQP can carry a text as a name, an id or a type. The client would cut a longer one in silence. */
export function fitsShort(text: string): boolean {
  return text.length <= MAX_SHORT_BYTES && Buffer.byteLength(text) <= MAX_SHORT_BYTES;
}

/** About how many bytes a header's value takes; undefined for one that cannot be written, or not as it was. */
function sizeOf(value: unknown, depth: number): number | undefined {
  if (typeof value === "string") return Buffer.byteLength(value) + 5;
  if (typeof value === "number") return isWritable(value) ? 9 : undefined;
  if (typeof value === "boolean" || value === null) return 2;
  // Bytes would be written as a table of numbers.
  if (typeof value !== "object" || ArrayBuffer.isView(value) || depth >= MAX_DEPTH) return undefined;
  let bytes = 5;
  for (const [name, item] of Object.entries(value)) {
    const size = sizeOf(item, depth + 1);
    if (size === undefined || !fitsShort(name)) return undefined;
    bytes += Buffer.byteLength(name) + 1 + size;
  }
  return bytes;
}

/** The client writes whole numbers as integers of 64 bits, and takes very large ones for whole. */
function isWritable(value: number): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && Math.abs(value) < 2 ** 50);
}
