/** Reads the fields of a frame one after the other. Throws a `RangeError` where a frame is shorter than it says. */
export class FieldReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** Beyond 2^53 the nearest number. */
  uint64(): number {
    return Number(this.#bytes.readBigUInt64BE(this.#take(8)));
  }

  /** A text of up to 255 bytes. */
  shortText(): string {
    return this.#text(this.uint8());
  }

  /** Headers of a message, or a table within them. */
  table(): Record<string, unknown> {
    const table: Record<string, unknown> = {};
    for (const end = this.#end(); this.#at < end; ) {
      const name = this.shortText();
      // Defined rather than set: a header may have the name of what changes an object's prototype.
      Object.defineProperty(table, name, {
        value: this.#value(),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return table;
  }

  #value(): unknown {
    const bytes = this.#bytes;
    const type = String.fromCharCode(this.uint8());
    switch (type) {
      case "t":
        return this.uint8() !== 0;
      case "b":
        return bytes.readInt8(this.#take(1));
      case "B":
        return this.uint8();
      case "s":
        return bytes.readInt16BE(this.#take(2));
      case "u":
        return this.uint16();
      case "I":
        return bytes.readInt32BE(this.#take(4));
      case "i":
        return this.uint32();
      case "l":
        return Number(bytes.readBigInt64BE(this.#take(8)));
      case "T":
        return this.uint64();
      case "f":
        return bytes.readFloatBE(this.#take(4));
      case "d":
        return bytes.readDoubleBE(this.#take(8));
      case "D":
        return { scale: this.uint8(), value: bytes.readInt32BE(this.#take(4)) };
      case "S":
        return this.#text(this.uint32());
      case "x": {
        const length = this.uint32();
        const from = this.#take(length);
        return bytes.subarray(from, from + length);
      }
      case "A": {
        const items: unknown[] = [];
        for (const end = this.#end(); this.#at < end; ) items.push(this.#value());
        return items;
      }
      case "F":
        return this.table();
      case "V":
        return null;
      default:
        throw new RangeError(`RabbitMQ sent a header of an unknown type "${type}"`);
    }
  }

  /** The end of something that begins with its length. */
  #end(): number {
    const length = this.uint32();
    return this.#at + length;
  }

  #text(length: number): string {
    const from = this.#take(length);
    return this.#bytes.toString("utf8", from, from + length);
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#bytes.length) throw new RangeError("RabbitMQ sent a field that is longer than its frame");
    this.#at = at + bytes;
    return at;
  }
}
