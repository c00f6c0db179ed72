/** AMQP's limit for names and most properties, in bytes. */
export const MAX_SHORT_TEXT_BYTES = 255;

/** A text of up to 255 bytes; what is longer is cut, at the end of a character. */
export function shortText(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(1 + MAX_SHORT_TEXT_BYTES);
  const length = bytes.write(text, 1, MAX_SHORT_TEXT_BYTES, "utf8");
  bytes[0] = length;
  return bytes.subarray(0, 1 + length);
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Headers of a message, or a table within them. What AMQP has no type for is left out. */
export function tableBytes(table: Readonly<Record<string, unknown>>): Buffer {
  const fields = Object.entries(table).flatMap(([name, value]) => {
    const bytes = valueBytes(value);
    return bytes === undefined ? [] : [shortText(name), bytes];
  });
  return withLength(Buffer.concat(fields));
}

/** A value after the letter of its type. */
function valueBytes(value: unknown): Buffer | undefined {
  switch (typeof value) {
    case "string":
      return typed("S", withLength(Buffer.from(value, "utf8")));
    case "boolean":
      return typed("t", Buffer.from([value ? 1 : 0]));
    case "number":
      return numberBytes(value);
    case "object":
      if (value === null) return typed("V", Buffer.alloc(0));
      if (value instanceof Uint8Array) return typed("x", withLength(Buffer.from(value)));
      if (Array.isArray(value))
        return typed("A", withLength(Buffer.concat(value.flatMap((item) => valueBytes(item) ?? []))));
      return typed("F", tableBytes(value as Record<string, unknown>));
    default:
      return undefined;
  }
}

function numberBytes(value: number): Buffer {
  if (!Number.isSafeInteger(value)) {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeDoubleBE(value);
    return typed("d", bytes);
  }
  if (value === (value | 0)) {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(value);
    return typed("I", bytes);
  }
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(value));
  return typed("l", bytes);
}

function typed(type: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type, "latin1"), value]);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
