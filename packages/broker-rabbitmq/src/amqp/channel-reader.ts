import { FRAME_HEAD_BYTES, FRAME_TAIL_BYTES } from "./frame-cutter.js";
import { type MessageProperties, readProperties } from "./message-properties.js";

/** A message as the server handed it out. */
export interface IncomingMessage {
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly body: Buffer;
  /** Bits of the properties that there are. */
  readonly present: number;
  /** Read when they are asked for, since most messages are run without. None if they cannot be read. */
  readonly properties: MessageProperties;
}

/** Who reads a channel's messages and confirms. Called in the order in which the server sent them. */
export interface ChannelListener {
  /** A message was handed out to the channel's consumer. */
  onDelivery?(message: IncomingMessage): void;
  /** A message that was published on the channel has no queue. It is confirmed all the same, right after. */
  onReturn?(exchange: string, routingKey: string, properties: MessageProperties): void;
  /** The server stored, or refused, what was published under this number, or under all up to it. */
  onConfirm?(deliveryTag: number, multiple: boolean, stored: boolean): void;
}

/** Types of frames. */
const METHOD = 1;
const HEADER = 2;
const BODY = 3;

/** Classes and methods of AMQP, as they stand in a frame. */
const BASIC_RETURN = 0x003c0032;
const BASIC_DELIVER = 0x003c003c;
const BASIC_ACK = 0x003c0050;
const BASIC_NACK = 0x003c0078;

const TWO_TO_32 = 2 ** 32;

/**
 * Reads the frames of one channel that come once for every message, without a promise or an object for each frame.
 * All others are the client's.
 */
export class ChannelReader {
  readonly #listener: ChannelListener;
  /** The method whose content is being read, and where its fields begin. */
  #method = 0;
  #methodBytes: Buffer | undefined;
  #methodAt = 0;
  #header: Buffer | undefined;
  #headerAt = 0;
  #missing = 0;
  #pieces: Buffer[] = [];

  constructor(listener: ChannelListener) {
    this.#listener = listener;
  }

  /** Reads a frame; returns false for one that is the client's. Throws where it breaks AMQP's order. */
  read(bytes: Buffer, from: number, to: number): boolean {
    const at = from + FRAME_HEAD_BYTES;
    switch (bytes[from]) {
      case METHOD:
        return this.#readMethod(bytes, at);
      case HEADER:
        if (this.#methodBytes === undefined) return false;
        this.#header = bytes;
        this.#headerAt = at;
        // Class and weight stand before the size of the body, whose upper half is 0 for all that fits into memory.
        this.#missing = bytes.readUInt32BE(at + 4) * TWO_TO_32 + bytes.readUInt32BE(at + 8);
        if (this.#missing === 0) this.#finish(EMPTY);
        return true;
      case BODY:
        if (this.#header === undefined) return false;
        this.#readBody(bytes.subarray(at, to - FRAME_TAIL_BYTES));
        return true;
      default:
        return false;
    }
  }

  #readMethod(bytes: Buffer, at: number): boolean {
    if (this.#methodBytes !== undefined) throw new Error("RabbitMQ sent a command within a message");
    const method = bytes.readUInt32BE(at);
    switch (method) {
      case BASIC_DELIVER:
      case BASIC_RETURN:
        this.#method = method;
        this.#methodBytes = bytes;
        this.#methodAt = at + 4;
        return true;
      case BASIC_ACK:
      case BASIC_NACK: {
        const multiple = (bytes.readUInt8(at + 12) & 1) !== 0;
        this.#listener.onConfirm?.(readTag(bytes, at + 4), multiple, method === BASIC_ACK);
        return true;
      }
      default:
        return false;
    }
  }

  #readBody(piece: Buffer): void {
    this.#missing -= piece.length;
    if (this.#missing > 0) {
      this.#pieces.push(piece);
    } else if (this.#pieces.length === 0) {
      this.#finish(piece);
    } else {
      const pieces = [...this.#pieces, piece];
      this.#pieces = [];
      this.#finish(Buffer.concat(pieces));
    }
  }

  #finish(body: Buffer): void {
    const { bytes: method, at, header } = { bytes: this.#methodBytes, at: this.#methodAt, header: this.#header };
    this.#methodBytes = undefined;
    this.#header = undefined;
    if (method === undefined || header === undefined) return;
    const propertiesAt = this.#headerAt + 12;
    if (this.#method === BASIC_DELIVER) {
      // Consumer's tag, delivery tag, flag; then where it was published to.
      const tagAt = at + 1 + method.readUInt8(at);
      this.#listener.onDelivery?.(
        new Incoming(readTag(method, tagAt), method.readUInt8(tagAt + 8) !== 0, body, header, propertiesAt),
      );
      return;
    }
    // Code, reason, exchange, routing key.
    const reasonAt = at + 2;
    const exchangeAt = reasonAt + 1 + method.readUInt8(reasonAt);
    const keyAt = exchangeAt + 1 + method.readUInt8(exchangeAt);
    this.#listener.onReturn?.(
      readText(method, exchangeAt),
      readText(method, keyAt),
      readProperties(header, propertiesAt),
    );
  }
}

const EMPTY = Buffer.alloc(0);

class Incoming implements IncomingMessage {
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly body: Buffer;
  readonly present: number;
  readonly #header: Buffer;
  readonly #at: number;
  #properties: MessageProperties | undefined;

  constructor(deliveryTag: number, redelivered: boolean, body: Buffer, header: Buffer, at: number) {
    this.deliveryTag = deliveryTag;
    this.redelivered = redelivered;
    this.body = body;
    this.present = header.readUInt16BE(at);
    this.#header = header;
    this.#at = at;
  }

  get properties(): MessageProperties {
    this.#properties ??= this.#read();
    return this.#properties;
  }

  #read(): MessageProperties {
    try {
      return readProperties(this.#header, this.#at);
    } catch {
      // Types that nobody knows, or tables nested without end. The body is still a message like any other; an error
      // here would end the connection, and again whenever the server hands the message out.
      return {};
    }
  }
}

function readTag(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * TWO_TO_32 + bytes.readUInt32BE(at + 4);
}

function readText(bytes: Buffer, at: number): string {
  return bytes.toString("utf8", at + 1, at + 1 + bytes.readUInt8(at));
}
