import { isUtf8 } from "node:buffer";

/** Field of a message's body in every stream. */
export const BODY_FIELD = "m";

const EMPTY = Buffer.alloc(0);

/**
 * The body of a stream entry from its fields and values. An entry that a stranger wrote with other fields becomes JSON
 * of them, which is no envelope, so that the worker buries it with everything that was in it: an object, or where an
 * object would lose something, a list of pairs in which bytes that are no text stand as `{"base64": "..."}`.
 */
export function entryBody(fields: readonly Buffer[]): Buffer {
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at]?.toString() === BODY_FIELD) return fields[at + 1] ?? EMPTY;
  }
  const texts = fields.map((part) => (isUtf8(part) ? part.toString() : { base64: part.toString("base64") }));
  const pairs = texts.flatMap((name, at) => (at % 2 === 0 ? [[name, texts[at + 1] ?? ""] as const] : []));
  const names = new Set(pairs.map(([name]) => name));
  const isObject = names.size === pairs.length && texts.every((part) => typeof part === "string");
  return Buffer.from(JSON.stringify(isObject ? Object.fromEntries(pairs) : pairs));
}
