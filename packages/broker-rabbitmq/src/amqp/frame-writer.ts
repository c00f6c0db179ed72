import { UnsupportedError } from "@chicory/core";
import { CONTENT_TYPE, type Parcel } from "../messages/parcel.js";
import { MAX_SHORT_TEXT_BYTES, shortText } from "./field-bytes.js";
import { FRAME_HEAD_BYTES, FRAME_TAIL_BYTES } from "./frame-cutter.js";
import { propertyBytes } from "./message-properties.js";

/** Frames are put together in pieces of memory of this size, each of which goes out in a few large writes. */
const SLAB_BYTES = 65_536;

const METHOD = 1;
const HEADER = 2;
const BODY = 3;
const FRAME_END = 0xce;
const FRAME_BYTES = FRAME_HEAD_BYTES + FRAME_TAIL_BYTES;

const BASIC_CLASS = 60;
const BASIC_PUBLISH = 0x003c0028;
const BASIC_ACK = 0x003c0050;
const BASIC_NACK = 0x003c0078;
const MANDATORY = 1;
const REQUEUE = 2;
const PERSISTENT = 2;

/** Content type, delivery mode, message id and time: what every message has that asks for nothing special. */
const USUAL_PROPERTIES = 0x90c0;
const USUAL_TYPE = shortText(CONTENT_TYPE);

/** Class, weight and size of the body, before the properties. */
const HEADER_BYTES = 12;

/** Method and header of a usual publish at most, without its body. */
const USUAL_BYTES =
  2 * FRAME_BYTES + 4 + 2 + 1 + HEADER_BYTES + 2 + USUAL_TYPE.length + 1 + 8 + 3 * (1 + MAX_SHORT_TEXT_BYTES);

/**
 * Puts frames together and writes many of them at once: a write to the network is most of what a message costs. Nothing
 * leaves before {@link flush}.
 */
export class FrameWriter {
  readonly #write: (bytes: Buffer) => void;
  readonly #maxBody: number;
  #slab: Buffer = Buffer.alloc(0);
  #from = 0;
  #at = 0;

  /** `maxFrameBytes` is the size of a whole frame that the server accepts. */
  constructor(maxFrameBytes: number, write: (bytes: Buffer) => void) {
    this.#write = write;
    this.#maxBody = maxFrameBytes - FRAME_BYTES;
  }

  /** Acks a delivery, or with `multiple` all up to it. */
  ack(channel: number, deliveryTag: number, multiple: boolean): void {
    this.#settle(channel, BASIC_ACK, deliveryTag, multiple ? 1 : 0);
  }

  /** Gives a delivery back to its queue. */
  giveBack(channel: number, deliveryTag: number): void {
    this.#settle(channel, BASIC_NACK, deliveryTag, REQUEUE);
  }

  /**
   * Publishes a parcel durably, and asks to be told if there is no queue for it. Throws an `UnsupportedError`, with
   * nothing written, if its properties do not fit into a frame.
   */
  publish(channel: number, parcel: Parcel): void {
    const { exchange, routingKey, properties, body, bodyBytes } = parcel;
    const { messageId } = properties;
    const usual = parcel.usual && messageId !== undefined;
    const special = usual
      ? undefined
      : propertyBytes({ timestamp: nowSeconds(), ...properties, deliveryMode: PERSISTENT });
    if (special !== undefined && special.length > this.#maxBody - HEADER_BYTES) {
      throw new UnsupportedError(
        `The headers of a message take ${special.length} bytes, more than the ${this.#maxBody} of a frame of this server`,
      );
    }
    const fits = bodyBytes <= this.#maxBody;
    this.#reserve(USUAL_BYTES + (special?.length ?? 0) + (fits ? FRAME_BYTES + bodyBytes : 0));
    const method = this.#begin(METHOD, channel);
    this.#uint32(BASIC_PUBLISH);
    this.#uint16(0);
    this.#text(exchange);
    this.#text(routingKey);
    this.#uint8(MANDATORY);
    this.#end(method);
    const header = this.#begin(HEADER, channel);
    this.#uint16(BASIC_CLASS);
    this.#uint16(0);
    this.#uint32(0);
    this.#uint32(bodyBytes);
    if (special === undefined) {
      this.#uint16(USUAL_PROPERTIES);
      this.#at += USUAL_TYPE.copy(this.#slab, this.#at);
      this.#uint8(PERSISTENT);
      this.#text(messageId ?? "");
      this.#uint32(0);
      this.#uint32(nowSeconds());
    } else {
      this.#at += special.copy(this.#slab, this.#at);
    }
    this.#end(header);
    if (bodyBytes === 0) return;
    if (fits) this.#body(channel, body);
    else this.#bodies(channel, typeof body === "string" ? Buffer.from(body, "utf8") : body);
  }

  /** Writes what was put together. */
  flush(): void {
    if (this.#at === this.#from) return;
    const bytes = this.#slab.subarray(this.#from, this.#at);
    // What was written stays as it is: the socket may hold on to it.
    this.#from = this.#at;
    this.#write(bytes);
  }

  #settle(channel: number, method: number, deliveryTag: number, bits: number): void {
    this.#reserve(FRAME_BYTES + 13);
    const start = this.#begin(METHOD, channel);
    this.#uint32(method);
    this.#uint32(Math.floor(deliveryTag / 2 ** 32));
    this.#uint32(deliveryTag >>> 0);
    this.#uint8(bits);
    this.#end(start);
  }

  /** A body that is larger than a frame, in as many as it takes. */
  #bodies(channel: number, body: Uint8Array): void {
    for (let from = 0; from < body.length; from += this.#maxBody) {
      const piece = body.subarray(from, from + this.#maxBody);
      this.#reserve(FRAME_BYTES + piece.length);
      this.#body(channel, piece);
    }
  }

  #body(channel: number, body: string | Uint8Array): void {
    const start = this.#begin(BODY, channel);
    if (typeof body === "string") {
      this.#at += this.#slab.write(body, this.#at, "utf8");
    } else {
      this.#slab.set(body, this.#at);
      this.#at += body.length;
    }
    this.#end(start);
  }

  /** Makes sure that so many bytes can be written in one piece. */
  #reserve(bytes: number): void {
    if (this.#slab.length - this.#at >= bytes) return;
    this.flush();
    this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes));
    this.#from = 0;
    this.#at = 0;
  }

  #begin(type: number, channel: number): number {
    const start = this.#at;
    this.#uint8(type);
    this.#uint16(channel);
    this.#at += 4;
    return start;
  }

  /** Writes the size that is known only now. */
  #end(start: number): void {
    this.#slab.writeUInt32BE(this.#at - start - FRAME_HEAD_BYTES, start + 3);
    this.#uint8(FRAME_END);
  }

  #uint8(value: number): void {
    this.#slab[this.#at] = value;
    this.#at += 1;
  }

  #uint16(value: number): void {
    this.#at = this.#slab.writeUInt16BE(value, this.#at);
  }

  #uint32(value: number): void {
    this.#at = this.#slab.writeUInt32BE(value, this.#at);
  }

  /** What is longer than a text of AMQP may be is cut, at the end of a character. */
  #text(text: string): void {
    const length = this.#slab.write(text, this.#at + 1, MAX_SHORT_TEXT_BYTES, "utf8");
    this.#slab[this.#at] = length;
    this.#at += 1 + length;
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
