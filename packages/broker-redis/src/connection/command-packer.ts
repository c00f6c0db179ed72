import { Writable } from "node:stream";
import type { Argument } from "../scripts/script.js";

/** Room for what stands around an argument: `$` or `*`, a length, and two line ends. */
const FRAME_BYTES = 20;

/** Bytes that one unit of a string takes at most in UTF-8. */
const MAX_UNIT_BYTES = 3;

/** Bytes that are kept for the next command at most; a larger one, which is rare, gets its own. */
const KEPT_BYTES = 1_048_576;

const ASTERISK = 0x2a;
const DOLLAR = 0x24;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * Writes commands as the server reads them: a list of strings, each with its length in bytes before it. The bytes of
 * one command serve for the next, as far as the socket has passed them on: new ones for each would be taken back only
 * by the garbage collector, and cost more than they do.
 */
export class CommandPacker {
  #buffer = Buffer.alloc(0);
  #at = 0;

  /** The command as bytes that must be written to this socket before another one is packed. */
  pack(name: string, args: readonly Argument[], socket: object): Buffer {
    // Enough if every string is ASCII, as nearly all are; one that is not makes the buffer grow.
    let size = name.length + 2 * FRAME_BYTES;
    for (const argument of args) size += (typeof argument === "number" ? FRAME_BYTES : argument.length) + FRAME_BYTES;
    const isFree = socket instanceof Writable && socket.writableLength === 0;
    if (!isFree || this.#buffer.length < size) this.#buffer = Buffer.allocUnsafeSlow(size);
    this.#at = 0;
    this.#addFrame(ASTERISK, args.length + 1);
    this.#addText(name);
    for (const argument of args) {
      if (typeof argument === "string") this.#addText(argument);
      else if (typeof argument === "number") this.#addText(String(argument));
      else this.#addBytes(argument);
    }
    const packed = this.#buffer.subarray(0, this.#at);
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.alloc(0);
    return packed;
  }

  #addBytes(bytes: Buffer): void {
    this.#reserve(bytes.length + FRAME_BYTES);
    this.#addFrame(DOLLAR, bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#endLine();
  }

  #addText(text: string): void {
    this.#reserve(text.length + FRAME_BYTES);
    const start = this.#at;
    this.#addFrame(DOLLAR, text.length);
    const written = this.#buffer.write(text, this.#at);
    if (written === text.length) {
      this.#at += written;
    } else {
      // It takes more bytes than units, and there was room for more: the length that stands before it is wrong, and
      // some of it may not have fitted.
      this.#at = start;
      this.#reserve(text.length * MAX_UNIT_BYTES + FRAME_BYTES);
      this.#addFrame(DOLLAR, Buffer.byteLength(text));
      this.#at += this.#buffer.write(text, this.#at);
    }
    this.#endLine();
  }

  #addFrame(mark: number, length: number): void {
    const digits = String(length);
    this.#buffer[this.#at++] = mark;
    for (let at = 0; at < digits.length; at++) this.#buffer[this.#at++] = digits.charCodeAt(at);
    this.#endLine();
  }

  #endLine(): void {
    this.#buffer[this.#at++] = CARRIAGE_RETURN;
    this.#buffer[this.#at++] = LINE_FEED;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
