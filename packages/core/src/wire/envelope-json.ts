import { DELIVERY_MODES } from "../delivery-mode.js";
import { type Envelope, WIRE_VERSION } from "./envelope.js";

/** Fields of an envelope that has nothing but what every send of a task gives it: see {@link isUsual}. */
const USUAL_FIELDS = 7;

/** What stands in JSON as it is, such as a UUID. */
const UNESCAPED = /^[\w.:-]+$/;

/**
 * The same text as `JSON.stringify` gives, give or take the order of fields. Every send comes through here: putting a
 * usual envelope together around its input takes a third less time than having its fields found.
 */
export function envelopeJson(envelope: Envelope): string {
  const input: string | undefined = isUsual(envelope) ? JSON.stringify(envelope.input) : undefined;
  // An `input` of undefined is left out by JSON.stringify, which is what its absence means on the wire.
  if (input === undefined) return JSON.stringify(envelope);
  const { id, name, retries, enqueuedAt, mode } = envelope;
  return `{"v":${WIRE_VERSION},"id":"${id}","name":"${name}","input":${input},"retries":${retries},"enqueuedAt":${enqueuedAt},"mode":"${mode}"}`;
}

/** Whoever publishes by hand may pass anything, so types are not trusted. */
function isUsual(envelope: Envelope): boolean {
  const { v, id, name, retries, enqueuedAt, mode } = envelope;
  return (
    mode !== undefined &&
    "input" in envelope &&
    Object.keys(envelope).length === USUAL_FIELDS &&
    v === WIRE_VERSION &&
    isUnescaped(id) &&
    isUnescaped(name) &&
    Number.isSafeInteger(retries) &&
    Number.isSafeInteger(enqueuedAt) &&
    DELIVERY_MODES.includes(mode)
  );
}

function isUnescaped(text: unknown): boolean {
  return typeof text === "string" && UNESCAPED.test(text);
}
