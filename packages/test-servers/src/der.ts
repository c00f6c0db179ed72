/** The few shapes of DER (ITU-T X.690) that an X.509 certificate is made of. */
export type Der = Buffer;

const LONGEST_SHORT_LENGTH = 0x7f;

/** A value with its tag and length before it. */
export function tagged(tag: number, ...contents: readonly Der[]): Der {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** SEQUENCE. */
export const sequence = (...items: readonly Der[]): Der => tagged(0x30, ...items);

/** SET. */
export const set = (...items: readonly Der[]): Der => tagged(0x31, ...items);

/** BOOLEAN true. */
export const yes = (): Der => tagged(0x01, Buffer.from([0xff]));

/** A non-negative INTEGER from its bytes, highest first. DER has one form of each: no zero byte that is not needed. */
export function integer(bytes: Buffer): Der {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.from([0]) : bytes.subarray(start);
  const negative = ((digits[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, negative ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** OCTET STRING. */
export const octets = (content: Buffer): Der => tagged(0x04, content);

/** BIT STRING whose last byte has `unused` bits that do not count. */
export const bits = (content: Buffer, unused = 0): Der => tagged(0x03, Buffer.from([unused]), content);

/** UTF8String. */
export const utf8 = (text: string): Der => tagged(0x0c, Buffer.from(text, "utf8"));

/** GeneralizedTime, to the second. */
export function time(date: Date): Der {
  return tagged(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`, "ascii"));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

function lengthOf(length: number): Buffer {
  if (length <= LONGEST_SHORT_LENGTH) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}
