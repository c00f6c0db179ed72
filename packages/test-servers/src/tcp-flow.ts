import type { Socket } from "node:net";
import { resetSocket } from "./reset-socket.js";

/** A source whose sink does not keep up is not read further, as by any network. */
const MAX_HELD_BYTES = 1_048_576;

interface Parcel {
  /** Bytes, the end of the stream, or its reset. */
  readonly content: Buffer | "end" | "reset";
  /** On the monotonic clock; not passed on before. */
  readonly due: number;
}

/** What slows a connection down. Each may be changed while it is in use. */
export interface Slowness {
  /** Every byte takes this much longer. */
  delayMs: number;
  /** Bytes go on in pieces of this size, one at a time, this far apart; undefined passes them on as they come. */
  trickle: { readonly bytes: number; readonly everyMs: number } | undefined;
}

/** One direction of a proxied connection: what the source sends reaches the sink in order, late, or not for now. */
export class TcpFlow {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #parcels: Parcel[] = [];
  #heldBytes = 0;
  readonly #slowness: Readonly<Slowness>;
  #lastDue = 0;
  #blocked: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, sink: Socket, slowness: Readonly<Slowness>, blocked: boolean) {
    this.#source = source;
    this.#sink = sink;
    this.#slowness = slowness;
    this.#blocked = blocked;
    source.on("data", (chunk) => this.#take(chunk));
    source.on("end", () => this.#take("end"));
    source.on("error", () => this.#take("reset"));
    sink.on("drain", () => this.#pump());
    if (this.#blocked) source.pause();
  }

  /** Passes nothing on until further notice. Nothing is lost: the bytes wait here and in the kernel's buffers. */
  block(): void {
    this.#blocked = true;
    this.#source.pause();
  }

  /** Undoes {@link block}; what waited goes on its way. */
  unblock(): void {
    this.#blocked = false;
    this.#pump();
  }

  /** Forgets what waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#parcels.length = 0;
  }

  #take(content: Parcel["content"]): void {
    const { delayMs, trickle } = this.#slowness;
    const due = performance.now() + delayMs;
    if (typeof content === "string" || trickle === undefined) {
      this.#hold(content, due);
    } else {
      for (let start = 0; start < content.length; start += trickle.bytes) {
        const piece = content.subarray(start, start + trickle.bytes);
        this.#hold(piece, Math.max(due, this.#lastDue + trickle.everyMs));
      }
    }
    this.#pump();
  }

  #hold(content: Parcel["content"], due: number): void {
    // In order, also behind what trickles.
    this.#lastDue = Math.max(due, this.#lastDue);
    this.#parcels.push({ content, due: this.#lastDue });
    if (typeof content !== "string") this.#heldBytes += content.length;
  }

  #pump(): void {
    clearTimeout(this.#timer);
    while (!this.#blocked && !this.#sink.writableNeedDrain) {
      const [next] = this.#parcels;
      if (next === undefined) break;
      const waitMs = next.due - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(waitMs)).unref();
        break;
      }
      this.#parcels.shift();
      this.#pass(next.content);
    }
    if (this.#blocked || this.#heldBytes > MAX_HELD_BYTES) this.#source.pause();
    else this.#source.resume();
  }

  #pass(content: Parcel["content"]): void {
    if (content === "end") {
      this.#sink.end();
    } else if (content === "reset") {
      resetSocket(this.#sink);
    } else {
      this.#heldBytes -= content.length;
      this.#sink.write(content);
    }
  }
}
