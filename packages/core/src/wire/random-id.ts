import { randomFillSync } from "node:crypto";

const ID_BYTES = 16;

/** Ids that are made of one call for random bytes. */
const IDS_PER_FILL = 128;

const HEX_DIGITS = Buffer.from("0123456789abcdef", "latin1");
const DASH = "-".charCodeAt(0);
const random = Buffer.alloc(ID_BYTES * IDS_PER_FILL);
const text = Buffer.alloc(36);
let next = random.length;

/**
 * A random UUID (version 4), as the platform's `randomUUID` makes them. That one puts its text together of some twenty
 * pieces, which costs whoever first reads it, and the garbage collector, more than the bytes do; this one is whole.
 */
export function randomId(): string {
  if (next === random.length) {
    randomFillSync(random);
    next = 0;
  }
  let at = 0;
  for (let index = 0; index < ID_BYTES; index++) {
    let byte = random[next + index] ?? 0;
    if (index === 6) byte = 0x40 | (byte & 0x0f);
    else if (index === 8) byte = 0x80 | (byte & 0x3f);

    if (index === 4 || index === 6 || index === 8 || index === 10) text[at++] = DASH;
    text[at++] = HEX_DIGITS[byte >> 4] ?? 0;
    text[at++] = HEX_DIGITS[byte & 0x0f] ?? 0;
  }
  next += ID_BYTES;
  return text.toString("latin1");
}
