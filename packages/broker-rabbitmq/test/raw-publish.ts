import type { Channel } from "rabbitmq-client";

/** A property of a message as its bytes, by the bit that says that it is there. In the order of the protocol. */
export interface RawProperties {
  readonly headers?: readonly RawHeader[];
  readonly correlationId?: Buffer;
  readonly messageId?: Buffer;
  readonly timestamp?: bigint;
  readonly type?: Buffer;
  readonly userId?: Buffer;
}

/** A header: its name, and its value with the byte of its type before it. */
export type RawHeader = readonly [name: Buffer, value: Buffer];

const FLAGS = {
  headers: 0x2000,
  deliveryMode: 0x1000,
  correlationId: 0x0400,
  messageId: 0x0080,
  timestamp: 0x0040,
  type: 0x0020,
  userId: 0x0010,
};

/** Publishes what no client would: bytes that are no text, and types that JavaScript does not have. */
export function publishRaw(channel: Channel, queue: string, properties: RawProperties, body: Buffer): void {
  const connection: unknown = Reflect.get(channel, "_conn");
  const { _socket: socket } = connection as { _socket: { write(bytes: Buffer): void } };
  const { headers, timestamp, correlationId, messageId, type, userId } = properties;
  const table = Buffer.concat((headers ?? []).flatMap(([name, value]) => [short(name), value]));
  const [flags, encoded] = [FLAGS.deliveryMode, Buffer.from([2])];
  const parts: (readonly [number, Buffer] | undefined)[] = [
    headers && [FLAGS.headers, Buffer.concat([uint32(table.byteLength), table])],
    [flags, encoded],
    correlationId && [FLAGS.correlationId, short(correlationId)],
    messageId && [FLAGS.messageId, short(messageId)],
    timestamp === undefined ? undefined : [FLAGS.timestamp, uint64(timestamp)],
    type && [FLAGS.type, short(type)],
    userId && [FLAGS.userId, short(userId)],
  ];
  const given = parts.filter((part) => part !== undefined);
  const bits = given.reduce((sum, [flag]) => sum | flag, 0);
  const method = Buffer.concat([
    Buffer.from([0, 60, 0, 40, 0, 0]),
    short(Buffer.alloc(0)),
    short(Buffer.from(queue)),
    Buffer.from([0]),
  ]);
  const header = Buffer.concat([
    Buffer.from([0, 60, 0, 0]),
    uint64(BigInt(body.byteLength)),
    Buffer.from([bits >> 8, bits & 0xff]),
    ...given.map(([, bytes]) => bytes),
  ]);
  socket.write(Buffer.concat([frame(1, channel.id, method), frame(2, channel.id, header), frame(3, channel.id, body)]));
}

function frame(type: number, channel: number, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([type, channel >> 8, channel & 0xff]),
    uint32(payload.byteLength),
    payload,
    Buffer.from([0xce]),
  ]);
}

function short(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.byteLength]), bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
