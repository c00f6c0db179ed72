/** AMQP's own encoding of values, so that a message may hold what no client library would write. */

export function shortString(bytes: string | Uint8Array): Buffer {
  const content = Buffer.from(bytes as Uint8Array).subarray(0, 255);
  return Buffer.concat([Buffer.of(content.length), content]);
}

export function longString(bytes: string | Uint8Array): Buffer {
  const content = Buffer.from(bytes as Uint8Array);
  return Buffer.concat([uint32(content.length), content]);
}

export function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16BE(value);
  return buffer;
}

export function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

export function uint64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(value);
  return buffer;
}

/** A value of a table, with its type's letter before it. */
export type FieldValue = Buffer;

/** Values of every type that RabbitMQ knows. */
export const field = {
  bool: (value: boolean): FieldValue => Buffer.from(["t".charCodeAt(0), value ? 1 : 0]),
  typed: (letter: string, content: Uint8Array): FieldValue => Buffer.concat([Buffer.from(letter), content]),
  long: (value: bigint): FieldValue => {
    const content = Buffer.alloc(8);
    content.writeBigInt64BE(value);
    return field.typed("l", content);
  },
  double: (value: number): FieldValue => {
    const content = Buffer.alloc(8);
    content.writeDoubleBE(value);
    return field.typed("d", content);
  },
  text: (bytes: string | Uint8Array): FieldValue => field.typed("S", longString(bytes)),
  none: (): FieldValue => Buffer.from("V"),
  list: (values: readonly FieldValue[]): FieldValue => field.typed("A", longString(Buffer.concat(values))),
  table: (entries: readonly TableEntry[]): FieldValue => field.typed("F", table(entries)),
};

export type TableEntry = readonly [name: string | Uint8Array, value: FieldValue];

/** A table, as the headers of a message are one. */
export function table(entries: readonly TableEntry[]): Buffer {
  return longString(Buffer.concat(entries.flatMap(([name, value]) => [shortString(name), value])));
}
