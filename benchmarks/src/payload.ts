/** Size of a payload as JSON, in bytes, where a workload asks for no other. */
export const PAYLOAD_BYTES = 100;

/** Numbers have seven digits, so that every payload has the same size. */
const FIRST_NUMBER = 1_000_000;

/** Most payloads that can be told apart. */
const MAX_PAYLOADS = 9_000_000;

/** What a payload has beside its text. */
const FRAME_BYTES = JSON.stringify({ n: FIRST_NUMBER, text: "" }).length;

/** What every contender sends: a number by which a task is known again, and text up to the size that is asked for. */
export interface Payload {
  readonly n: number;
  readonly text: string;
}

/** The payload number `index`, from 0, of so many bytes as JSON. */
export function payload(index: number, bytes: number = PAYLOAD_BYTES): Payload {
  if (index >= MAX_PAYLOADS) throw new RangeError(`There are no more than ${MAX_PAYLOADS} payloads of the same size`);
  return { n: FIRST_NUMBER + index, text: textOf(bytes) };
}

/** Payloads `from` up to and without `to`. */
export function payloads(from: number, to: number, bytes?: number): Payload[] {
  return Array.from({ length: to - from }, (_, offset) => payload(from + offset, bytes));
}

/** Which payload this is. */
export function indexOf({ n }: Payload): number {
  return n - FIRST_NUMBER;
}

const texts = new Map<number, string>();

/** Text that fills up a payload; made once for each size. */
function textOf(bytes: number): string {
  const known = texts.get(bytes);
  if (known !== undefined) return known;
  const text = "x".repeat(bytes - FRAME_BYTES);
  texts.set(bytes, text);
  return text;
}
