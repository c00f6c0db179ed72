/** Field of a message's body in every stream. */
export const BODY_FIELD = "m";

const EMPTY = Buffer.alloc(0);

/**
 * The body of a stream entry from its fields and values. An entry that a stranger wrote with other fields becomes a
 * JSON object of them: no envelope, so that the worker buries it with everything that was in it.
 */
export function entryBody(fields: readonly Buffer[]): Buffer {
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at]?.toString() === BODY_FIELD) return fields[at + 1] ?? EMPTY;
  }
  const pairs: [string, string][] = [];
  for (let at = 0; at < fields.length; at += 2) pairs.push([String(fields[at]), String(fields[at + 1] ?? "")]);
  return Buffer.from(JSON.stringify(Object.fromEntries(pairs)));
}
