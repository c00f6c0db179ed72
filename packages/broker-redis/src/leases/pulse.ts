const NANOSECONDS_PER_MS = 1_000_000n;

/**
 * When an event loop last ran its timers, for other threads of the process to see: it beats, and whoever has the same
 * memory reads for how long it was silent. By a monotonic clock that all threads of a process share.
 */
export class Pulse {
  /** The memory, to be given to another thread. */
  readonly memory: SharedArrayBuffer;
  readonly #beatAt: BigInt64Array;

  /** Takes part in a pulse by its memory, or begins one with a first beat. */
  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
    this.#beatAt = new BigInt64Array(this.memory);
    if (memory === undefined) this.beat();
  }

  /** The loop runs. */
  beat(): void {
    Atomics.store(this.#beatAt, 0, process.hrtime.bigint());
  }

  /** Milliseconds since the last beat. */
  get silentMs(): number {
    return Number((process.hrtime.bigint() - Atomics.load(this.#beatAt, 0)) / NANOSECONDS_PER_MS);
  }
}
