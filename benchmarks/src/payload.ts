/** Size of every payload as JSON, in bytes. */
export const PAYLOAD_BYTES = 100;

/** Numbers have seven digits, so that every payload has the same size. */
const FIRST_NUMBER = 1_000_000;

/** Most payloads that can be told apart. */
const MAX_PAYLOADS = 9_000_000;

const TEXT = "x".repeat(PAYLOAD_BYTES - JSON.stringify({ n: FIRST_NUMBER, text: "" }).length);

/** What every contender sends: a number by which a task is known again, and text up to {@link PAYLOAD_BYTES}. */
export interface Payload {
  readonly n: number;
  readonly text: string;
}

/** The payload number `index`, from 0. */
export function payload(index: number): Payload {
  if (index >= MAX_PAYLOADS) throw new RangeError(`There are no more than ${MAX_PAYLOADS} payloads of the same size`);
  return { n: FIRST_NUMBER + index, text: TEXT };
}

/** Payloads `from` up to and without `to`. */
export function payloads(from: number, to: number): Payload[] {
  return Array.from({ length: to - from }, (_, offset) => payload(from + offset));
}

/** Which payload this is. */
export function indexOf({ n }: Payload): number {
  return n - FIRST_NUMBER;
}
