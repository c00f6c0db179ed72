import type { MessageProperties } from "../src/amqp/message-properties.js";

/** A frame as the client's codec knows it. */
export type Frame =
  | { readonly type: 1; readonly channelId: number; readonly methodId: number; readonly params: object | undefined }
  | { readonly type: 2; readonly channelId: number; readonly bodySize: number; readonly fields: MessageProperties }
  | { readonly type: 3; readonly channelId: number; readonly payload: Buffer };

/** Methods of AMQP, by their class and number. */
export const METHODS = {
  connectionStart: 0x000a000a,
  connectionTune: 0x000a001e,
  connectionOpenOk: 0x000a0029,
  channelOpenOk: 0x0014000b,
  channelClose: 0x00140028,
  queueDeclareOk: 0x0032000b,
  publish: 0x003c0028,
  returned: 0x003c0032,
  deliver: 0x003c003c,
  ack: 0x003c0050,
  nack: 0x003c0078,
} as const;

interface Codec {
  encodeFrame(frame: Frame, maxSize?: number): Buffer;
  decodeFrame(read: (bytes: number) => Promise<Buffer>): Promise<Frame>;
}

const codec = (await import(new URL("codec.js", import.meta.resolve("rabbitmq-client")).href)) as Codec;

/** Frames as the client writes them: what the driver writes and reads by itself is held against an independent hand. */
export function encodeFrames(...frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.map((frame) => codec.encodeFrame(frame)));
}

/** Frames as the client reads them. */
export async function decodeFrames(bytes: Buffer): Promise<Frame[]> {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const read = (length: number): Promise<Buffer> => {
      at += length;
      return Promise.resolve(bytes.subarray(at - length, at));
    };
    frames.push(await codec.decodeFrame(read));
  }
  return frames;
}

/** A message in as many frames as its pieces say. */
export function contentFrames(
  channelId: number,
  methodId: number,
  params: object,
  fields: MessageProperties,
  ...pieces: readonly string[]
): Frame[] {
  const payloads = pieces.map((piece) => Buffer.from(piece));
  const bodySize = Buffer.concat(payloads).length;
  return [
    { type: 1, channelId, methodId, params },
    { type: 2, channelId, bodySize, fields },
    ...payloads.map((payload): Frame => ({ type: 3, channelId, payload })),
  ];
}

/** A hand-out of a message. */
export function deliveryFrames(
  channelId: number,
  deliveryTag: number,
  fields: MessageProperties,
  ...pieces: readonly string[]
): Frame[] {
  const params = {
    consumerTag: "tag",
    deliveryTag,
    redelivered: deliveryTag % 2 === 0,
    exchange: "x",
    routingKey: "key",
  };
  return contentFrames(channelId, METHODS.deliver, params, fields, ...pieces);
}
