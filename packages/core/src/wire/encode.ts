import { ConfigError } from "../errors/config-error.js";
import { MessageTooLargeError, NotSerializableError } from "../errors/message-errors.js";
import { assertEnvelope } from "./decode.js";
import type { Envelope } from "./envelope.js";
import { envelopeJson, isUsual } from "./envelope-json.js";
import { MAX_DEPTH } from "./limits.js";

/**
 * Encodes an envelope as JSON text. Throws a {@link ConfigError} for one that no worker could read, a
 * {@link NotSerializableError} naming the path of a value that JSON would lose or change, and a
 * {@link MessageTooLargeError} when the text has more than `maxBytes` bytes in UTF-8.
 */
export function encodeEnvelope(envelope: Envelope, maxBytes: number): string {
  const usual = isUsual(envelope);
  if (usual) assertSerializable(envelope.input, undefined, "input");
  else assertReadable(envelope);
  return noLarger(envelopeJson(envelope, usual), maxBytes);
}

/** Returns the text of a message, or throws a {@link MessageTooLargeError}. */
export function noLarger(text: string, maxBytes: number): string {
  // A UTF-16 unit takes at most three bytes: most messages need no exact count.
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) throw new MessageTooLargeError(bytes, maxBytes);
  }
  return text;
}

/** Fields whose values were found to be what they must be, none of which JSON changes. */
const CHECKED_FIELDS: ReadonlySet<string> = new Set([
  "v",
  "id",
  "name",
  "retries",
  "enqueuedAt",
  "mode",
  "eta",
  "priority",
  "firstFailureAt",
]);

/** A message that was put together by hand may be anything: better refused here than buried by a worker. */
export function assertReadable(envelope: Envelope): void {
  try {
    assertEnvelope(envelope);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`No worker could read this message: ${reason}. createMessage makes one`, { cause });
  }
  for (const field of Object.keys(envelope)) {
    if (field === "__proto__") throw new NotSerializableError(field, "an own property of that name");
    if (!CHECKED_FIELDS.has(field)) assertSerializable(envelope[field], undefined, field);
  }
}

/** Where a value stands, as a chain of steps: the text is only made when a value is refused. */
interface Place {
  readonly parent: Place | undefined;
  readonly step: string | number;
  readonly depth: number;
  readonly value: unknown;
}

/**
 * Refuses what `JSON.stringify` would drop, change or not end on. An `undefined` property is allowed: leaving it out
 * loses nothing.
 */
export function assertSerializable(value: unknown, parent: Place | undefined, step: string | number): void {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return;
    case "number":
      if (Number.isFinite(value)) return;
      throw new NotSerializableError(pathOf(parent, step), String(value));
    case "object":
      if (value !== null) assertSerializableObject(value, parent, step);
      return;
    case "bigint":
      throw new NotSerializableError(pathOf(parent, step), "a BigInt");
    case "function":
      throw new NotSerializableError(pathOf(parent, step), "a function");
    case "symbol":
      throw new NotSerializableError(pathOf(parent, step), "a symbol");
  }
}

function assertSerializableObject(value: object, parent: Place | undefined, step: string | number): void {
  const depth = parent === undefined ? 1 : parent.depth + 1;
  // The envelope itself is one level of the limit that readers apply to the whole body.
  if (depth >= MAX_DEPTH)
    throw new NotSerializableError(pathOf(parent, step), `nested deeper than ${MAX_DEPTH} levels`);
  for (let place = parent; place !== undefined; place = place.parent) {
    if (place.value === value) {
      throw new NotSerializableError(pathOf(parent, step), "a reference to an object that contains it");
    }
  }
  const here: Place = { parent, step, depth, value };
  if ("toJSON" in value && typeof value.toJSON === "function") {
    // What a Date turns into is what travels, so that is what must be serializable.
    assertSerializable(stripToJson(value.toJSON()), here, "toJSON()");
    return;
  }
  if (value instanceof Map || value instanceof Set) {
    throw new NotSerializableError(pathOf(parent, step), value instanceof Map ? "a Map" : "a Set");
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (item === undefined) throw new NotSerializableError(pathOf(here, index), "undefined in an array");
      assertSerializable(item, here, index);
    }
    return;
  }
  for (const key of Object.keys(value)) {
    // Readers refuse this key, whose only use is to change an object's prototype.
    if (key === "__proto__") throw new NotSerializableError(pathOf(here, key), "an own property of that name");
    assertSerializable(Reflect.get(value, key), here, key);
  }
}

function pathOf(parent: Place | undefined, step: string | number): string {
  if (parent === undefined) return String(step);
  const above = pathOf(parent.parent, parent.step);
  return typeof step === "number" ? `${above}[${step}]` : `${above}.${step}`;
}

/**
 * Encodes an envelope that was decoded before, with some fields replaced. It refuses nothing: what came as JSON goes
 * as JSON, and a retry must not fail because a limit was lowered meanwhile.
 */
export function encodeReplacement(envelope: Envelope): string {
  return JSON.stringify(envelope);
}

/** JSON.stringify calls `toJSON` once, not on what it returned: a copy without it is looked at property by property. */
function stripToJson(replaced: unknown): unknown {
  if (typeof replaced !== "object" || replaced === null || Array.isArray(replaced)) return replaced;
  return "toJSON" in replaced ? { ...replaced, toJSON: undefined } : replaced;
}
