import type { Socket } from "node:net";

/** A source whose sink does not keep up is not read further, as by any network. */
const MAX_HELD_BYTES = 1_048_576;

interface Parcel {
  /** Bytes, the end of the stream, or its reset. */
  readonly content: Buffer | "end" | "reset";
  /** On the monotonic clock; not passed on before. */
  readonly due: number;
}

/** One direction of a proxied connection: what the source sends reaches the sink in order, late, or not for now. */
export class TcpFlow {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #parcels: Parcel[] = [];
  #heldBytes = 0;
  #delayMs: number;
  #blocked: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, sink: Socket, state: { readonly delayMs: number; readonly blocked: boolean }) {
    this.#source = source;
    this.#sink = sink;
    this.#delayMs = state.delayMs;
    this.#blocked = state.blocked;
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

  /** Makes what arrives from now on take this much longer. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Forgets what waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#parcels.length = 0;
  }

  #take(content: Parcel["content"]): void {
    this.#parcels.push({ content, due: performance.now() + this.#delayMs });
    if (typeof content !== "string") this.#heldBytes += content.length;
    this.#pump();
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
      this.#sink.resetAndDestroy();
    } else {
      this.#heldBytes -= content.length;
      this.#sink.write(content);
    }
  }
}
