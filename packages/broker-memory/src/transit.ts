import type { Activity } from "./clock.js";

/**
 * The way between drivers and the server. Without a seed a call arrives in the same turn of the event loop. With one,
 * every step of every call waits for its turn, and a pseudo-random order decides whose turn it is: races between
 * consumers are played through, and the same seed plays the same race again.
 */
export class Transit implements Activity {
  readonly #interleaves: boolean;
  readonly #waiting: (() => void)[] = [];
  #state: number;

  constructor(seed?: number) {
    this.#interleaves = seed !== undefined;
    this.#state = (seed ?? 0) >>> 0;
  }

  /** Whether a call is on its way. */
  get busy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when one step of a call may be done. */
  async step(): Promise<void> {
    if (!this.#interleaves) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(() => this.#grant());
    });
  }

  /** Whether a call that was cut off still reached the server. */
  flip(): boolean {
    return this.#random() < 0.5;
  }

  /** Lets one of the waiting steps be done in each turn of the event loop. */
  #grant(): void {
    const [granted] = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1);
    granted?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#grant());
  }

  /** The generator mulberry32: 32 bits of state, in [0, 1). */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}
