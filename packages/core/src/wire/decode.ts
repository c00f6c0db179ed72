import { DELIVERY_MODES } from "../delivery-mode.js";
import { UndecodableError } from "../errors/message-errors.js";
import { type Envelope, MAX_PRIORITY, WIRE_VERSION } from "./envelope.js";
import {
  MAX_DEPTH,
  MAX_HEADER_NAME_LENGTH,
  MAX_HEADER_VALUE_LENGTH,
  MAX_HEADERS,
  MAX_ID_LENGTH,
  MAX_TASK_NAME_LENGTH,
} from "./limits.js";

/** `fatal` makes invalid UTF-8 an error instead of replacement characters; `ignoreBOM` keeps a BOM, which JSON refuses. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads an envelope from a message's body. Throws an {@link UndecodableError} that names what is wrong and quotes
 * nothing of the body.
 */
export function decodeEnvelope(body: Uint8Array): Envelope {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch (cause) {
    throw new UndecodableError("The body is not valid UTF-8", { cause });
  }
  assertShallow(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, so it is not kept as the cause.
    throw new UndecodableError("The body is not valid JSON");
  }
  assertHarmless(value);
  assertEnvelope(value);
  return value;
}

/** In a loop over keys the engine knows the answer: half of the time of a list of the keys, or of `Object.hasOwn`. */
const hasOwn = Object.prototype.hasOwnProperty;

/**
 * Refuses what would change an object's prototype, and numbers that the parser made infinite: JSON has none of those. A
 * look at each value takes a fraction of the time of a search in the text, which most of all is long texts.
 */
function assertHarmless(value: unknown): void {
  if (typeof value === "number") {
    if (Number.isFinite(value)) return;
    throw new UndecodableError("The body has a number that is too large: a retry could not write it again");
  }
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) assertHarmless(item);
    return;
  }
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) {
    // A program may have given every object keys that are not its own, which may even lead back to it.
    if (!hasOwn.call(record, key)) continue;
    if (key === "__proto__") throw new UndecodableError('The body has a key named "__proto__"');
    const held = record[key];
    if (typeof held === "object" || typeof held === "number") assertHarmless(held);
  }
}

/** Checked on the text, before parsing: the parser must not be the first to see how deep an attacker nests. */
function assertShallow(text: string): void {
  if (!hasManyOpeners(text)) return;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (inString) {
      if (unit === BACKSLASH) index++;
      else if (unit === QUOTE) inString = false;
    } else if (unit === QUOTE) {
      inString = true;
    } else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) throw new UndecodableError(`The body is nested deeper than ${MAX_DEPTH} levels`);
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
      depth--;
    }
  }
}

/**
 * Whether a text has enough brackets and braces to nest too deep, those inside of strings included. Searching for them
 * takes a fraction of the time of a look at each character, and most messages have only a few.
 */
function hasManyOpeners(text: string): boolean {
  let openers = 0;
  for (const opener of "{[") {
    for (let at = text.indexOf(opener); at >= 0; at = text.indexOf(opener, at + 1)) {
      openers += 1;
      if (openers > MAX_DEPTH) return true;
    }
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Put together once: at every message it would take longer than all that is checked. */
const EXPECTED = {
  id: `a string of 1 to ${MAX_ID_LENGTH} characters`,
  name: `a string of 1 to ${MAX_TASK_NAME_LENGTH} characters`,
  mode: DELIVERY_MODES.join(" or "),
  priority: `0 to ${MAX_PRIORITY}`,
};

/**
 * Throws an {@link UndecodableError} for what is no envelope. Written by hand rather than by a schema library: it runs
 * for every message, and takes a fraction of the time of the JSON parser. The published JSON Schema states the same
 * rules, and the golden vectors hold the two together.
 */
export function assertEnvelope(value: unknown): asserts value is Envelope {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UndecodableError("The body is not a JSON object");
  }
  const envelope: Partial<Record<keyof Envelope, unknown>> = value;
  if (envelope.v === undefined) throw new UndecodableError('The envelope has no version: set "v" to 1');
  if (envelope.v !== WIRE_VERSION) {
    throw new UndecodableError(`The envelope's version is not ${WIRE_VERSION}: it needs another release of Chicory`);
  }
  check(isText(envelope.id, MAX_ID_LENGTH), "id", EXPECTED.id);
  check(isText(envelope.name, MAX_TASK_NAME_LENGTH), "name", EXPECTED.name);
  check(isCount(envelope.retries), "retries", "a whole number from 0");
  check(isCount(envelope.enqueuedAt), "enqueuedAt", "milliseconds since the epoch");
  if (envelope.mode !== undefined) {
    check((DELIVERY_MODES as readonly unknown[]).includes(envelope.mode), "mode", EXPECTED.mode);
  }
  if (envelope.eta !== undefined) check(isCount(envelope.eta), "eta", "milliseconds since the epoch");
  if (envelope.priority !== undefined) {
    check(isCount(envelope.priority) && envelope.priority <= MAX_PRIORITY, "priority", EXPECTED.priority);
  }
  if (envelope.headers !== undefined) check(isHeaders(envelope.headers), "headers", "an object of bounded strings");
  if (envelope.firstFailureAt !== undefined) {
    check(isCount(envelope.firstFailureAt), "firstFailureAt", "milliseconds since the epoch");
  }
  if (envelope.lastError !== undefined) {
    check(isFailure(envelope.lastError), "lastError", "an object with the strings name and message");
  }
}

function check(holds: boolean, field: string, expected: string): void {
  if (!holds) throw new UndecodableError(`The envelope's "${field}" is missing or wrong: it must be ${expected}`);
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value.length >= 1 && isNoLonger(value, maxLength);
}

/** Counted in characters as JSON Schema counts them, of which one outside of the basic plane takes two units. */
function isNoLonger(text: string, maxLength: number): boolean {
  return text.length <= maxLength || (text.length <= 2 * maxLength && [...text].length <= maxLength);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Whether a value may be the headers of a message: at most so many strings of bounded lengths. */
export function isHeaders(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_HEADERS &&
    entries.every(
      ([name, text]) =>
        name !== "__proto__" &&
        isText(name, MAX_HEADER_NAME_LENGTH) &&
        typeof text === "string" &&
        isNoLonger(text, MAX_HEADER_VALUE_LENGTH),
    )
  );
}

function isFailure(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "name") === "string" &&
    typeof Reflect.get(value, "message") === "string"
  );
}
