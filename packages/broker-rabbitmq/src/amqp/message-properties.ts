import { shortText, tableBytes, uint64 } from "./field-bytes.js";
import { FieldReader } from "./field-reader.js";

/** Properties of an AMQP message, beside its body. */
export interface MessageProperties {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** 2 is a message that is kept on disk. */
  readonly deliveryMode?: number;
  readonly priority?: number;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly expiration?: string;
  readonly messageId?: string;
  /** Seconds since the epoch. */
  readonly timestamp?: number;
  readonly type?: string;
  readonly userId?: string;
  readonly appId?: string;
  readonly clusterId?: string;
}

/** Of each property, in the order in which they are written: the bit that says that it is there, and its type. */
const LAYOUT: readonly (readonly [keyof MessageProperties, number, "text" | "table" | "uint8" | "uint64"])[] = [
  ["contentType", 0x8000, "text"],
  ["contentEncoding", 0x4000, "text"],
  ["headers", 0x2000, "table"],
  ["deliveryMode", 0x1000, "uint8"],
  ["priority", 0x0800, "uint8"],
  ["correlationId", 0x0400, "text"],
  ["replyTo", 0x0200, "text"],
  ["expiration", 0x0100, "text"],
  ["messageId", 0x0080, "text"],
  ["timestamp", 0x0040, "uint64"],
  ["type", 0x0020, "text"],
  ["userId", 0x0010, "text"],
  ["appId", 0x0008, "text"],
  ["clusterId", 0x0004, "text"],
];

/** The bit that says that a message has headers. */
export const HAS_HEADERS = 0x2000;

/** Reads the properties that begin at a place, with the bits that say which there are. */
export function readProperties(bytes: Buffer, at: number): MessageProperties {
  const reader = new FieldReader(bytes, at);
  const present = reader.uint16();
  const properties: Record<string, unknown> = {};
  for (const [name, bit, type] of LAYOUT) {
    if ((present & bit) === 0) continue;
    switch (type) {
      case "text":
        properties[name] = reader.shortText();
        break;
      case "table":
        properties[name] = reader.table();
        break;
      case "uint8":
        properties[name] = reader.uint8();
        break;
      case "uint64":
        properties[name] = reader.uint64();
        break;
    }
  }
  return properties;
}

/** The properties as {@link readProperties} reads them. */
export function propertyBytes(properties: MessageProperties): Buffer {
  let present = 0;
  const fields: Buffer[] = [];
  for (const [name, bit] of LAYOUT) {
    const value = properties[name];
    if (value === undefined) continue;
    present |= bit;
    if (typeof value === "string") fields.push(shortText(value));
    else if (typeof value === "object") fields.push(tableBytes(value));
    else fields.push(name === "timestamp" ? uint64(value) : Buffer.from([value]));
  }
  const bits = Buffer.allocUnsafe(2);
  bits.writeUInt16BE(present);
  return Buffer.concat([bits, ...fields]);
}
