/** One acknowledgement as the server gets it: of this delivery, or of all up to it that are open. */
export interface AckFrame {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}

/**
 * Which deliveries of a channel are open, in the order of their hand-out. It turns acks into as few frames as
 * possible: one for the unbroken run from the oldest on, single ones beyond the first that is still open. Nothing is
 * kept back in the hope of a longer run, since an ack that waits keeps a place of the prefetch.
 */
export class AckLine {
  readonly #open = new Set<number>();

  get size(): number {
    return this.#open.size;
  }

  /** A delivery arrived. Tags of a channel grow. */
  add(tag: number): void {
    this.#open.add(tag);
  }

  /** A delivery is settled in another way than by an ack. */
  remove(tag: number): void {
    this.#open.delete(tag);
  }

  /** Acks open deliveries; returns what to write. A tag that is not open any more is ignored: to ack it twice would end the channel. */
  ack(tags: readonly number[]): readonly AckFrame[] {
    const acked = new Set(tags.filter((tag) => this.#open.has(tag)));
    const frames: AckFrame[] = [];
    let last: number | undefined;
    let run = 0;
    for (const tag of this.#open) {
      if (!acked.has(tag)) break;
      last = tag;
      run += 1;
      this.#open.delete(tag);
      acked.delete(tag);
    }
    if (last !== undefined) frames.push({ deliveryTag: last, multiple: run > 1 });
    for (const tag of acked) {
      this.#open.delete(tag);
      frames.push({ deliveryTag: tag, multiple: false });
    }
    return frames;
  }
}
