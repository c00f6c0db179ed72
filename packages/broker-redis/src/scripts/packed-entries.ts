/** Field of a message's body, as MessagePack writes a string of one character. */
const BODY_FIELD = 0x6da1;

/** A MessagePack array of two: an entry, and the fields of an entry that has only one. */
const PAIR = 0x92;

/** One entry of a work stream; the content is an array of fields and values where it has others than `m`. */
export interface FetchedEntry {
  readonly priority: number;
  readonly id: string;
  readonly content: Buffer | readonly Buffer[];
}

/**
 * Appends the entries of a stream, `[[id, [field, value, ...]], ...]` as `cmsgpack.pack` writes them, to a list. One
 * string for all of them costs both sides less than a reply with a string for each id and each body. Bodies are views
 * of it.
 */
export function readPackedEntries(packed: Buffer, priority: number, entries: FetchedEntry[]): void {
  const reader = new PackReader(packed);
  for (let left = reader.arrayLength(); left > 0; left--) entries.push(reader.entry(priority));
}

/** Reads the arrays and strings of MessagePack, which is all that entries are made of. */
class PackReader {
  readonly #packed: Buffer;
  #at = 0;

  constructor(packed: Buffer) {
    this.#packed = packed;
  }

  entry(priority: number): FetchedEntry {
    if (this.arrayLength() !== 2) throw malformed();
    const start = this.#skipString();
    const id = this.#packed.toString("latin1", start, this.#at);
    return { priority, id, content: this.#content() };
  }

  arrayLength(): number {
    const type = this.#byte();
    if (type >= 0x90 && type <= 0x9f) return type & 0x0f;
    if (type === 0xdc) return this.#number(2);
    if (type === 0xdd) return this.#number(4);
    throw malformed();
  }

  #content(): Buffer | readonly Buffer[] {
    const packed = this.#packed;
    const isMessage = packed[this.#at] === PAIR && packed.readUInt16LE(this.#at + 1) === BODY_FIELD;
    if (isMessage) {
      this.#at += 3;
      return this.#bytes();
    }
    return Array.from({ length: this.arrayLength() }, () => this.#bytes());
  }

  #bytes(): Buffer {
    const start = this.#skipString();
    return this.#packed.subarray(start, this.#at);
  }

  /** Goes on behind a string, and returns where its bytes begin. */
  #skipString(): number {
    const length = this.#stringLength();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#packed.length) throw malformed();
    return start;
  }

  #stringLength(): number {
    const type = this.#byte();
    if (type >= 0xa0 && type <= 0xbf) return type & 0x1f;
    if (type === 0xd9) return this.#number(1);
    if (type === 0xda) return this.#number(2);
    if (type === 0xdb) return this.#number(4);
    throw malformed();
  }

  #byte(): number {
    const byte = this.#packed[this.#at];
    if (byte === undefined) throw malformed();
    this.#at += 1;
    return byte;
  }

  #number(bytes: 1 | 2 | 4): number {
    const number = this.#packed.readUIntBE(this.#at, bytes);
    this.#at += bytes;
    return number;
  }
}

function malformed(): Error {
  return new Error("A script answered with entries that are packed in an unknown way");
}
