/** Type, channel and size before a frame's payload, and the mark after it. */
export const FRAME_HEAD_BYTES = 7;
export const FRAME_TAIL_BYTES = 1;

/** Takes one whole frame: `bytes` from `from` up to and without `to`. The bytes are never written to again. */
export type OnFrame = (bytes: Buffer, from: number, to: number) => void;

/** Cuts what comes over a connection, in pieces of any size, into the frames of AMQP. */
export class FrameCutter {
  readonly #maxBytes: number;
  readonly #onFrame: OnFrame;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  /** Bytes that must be there before it is worth looking again. */
  #needed = 0;

  /** `maxBytes` is the size of a whole frame that the server promised not to exceed. */
  constructor(maxBytes: number, onFrame: OnFrame) {
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  /** Hands on each frame that is whole now. Throws if the server breaks its promise. */
  push(chunk: Buffer): void {
    const bytes = this.#joined(chunk);
    if (bytes === undefined) return;
    let at = 0;
    let needed = FRAME_HEAD_BYTES;
    while (bytes.length - at >= FRAME_HEAD_BYTES) {
      const frameBytes = FRAME_HEAD_BYTES + bytes.readUInt32BE(at + 3) + FRAME_TAIL_BYTES;
      if (frameBytes > this.#maxBytes) throw new Error(`RabbitMQ sent a frame of ${frameBytes} bytes`);
      if (bytes.length - at < frameBytes) {
        needed = frameBytes;
        break;
      }
      this.#onFrame(bytes, at, at + frameBytes);
      at += frameBytes;
    }
    if (at === bytes.length) return;
    this.#kept = [bytes.subarray(at)];
    this.#keptBytes = bytes.length - at;
    this.#needed = needed;
  }

  #joined(chunk: Buffer): Buffer | undefined {
    if (this.#keptBytes === 0) return chunk;
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    if (this.#keptBytes < this.#needed) return undefined;
    const bytes = Buffer.concat(this.#kept, this.#keptBytes);
    this.#kept = [];
    this.#keptBytes = 0;
    return bytes;
  }
}
