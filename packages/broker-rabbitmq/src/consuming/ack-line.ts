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
export class AckLine<T> {
  readonly #open = new Map<number, T>();

  get size(): number {
    return this.#open.size;
  }

  /** What is open, in the order of arrival. */
  values(): readonly T[] {
    return [...this.#open.values()];
  }

  /** A delivery arrived. Tags of a channel grow. */
  add(tag: number, delivery: T): void {
    this.#open.set(tag, delivery);
  }

  /** A delivery is settled in another way than by an ack. */
  remove(tag: number): void {
    this.#open.delete(tag);
  }

  /** Acks open deliveries; returns what to write. A tag that is not open any more is ignored: to ack it twice would end the channel. */
  ack(tags: readonly number[]): readonly AckFrame[] {
    const inOrder = this.#ackInOrder(tags);
    if (inOrder === tags.length) return this.#run(tags[inOrder - 1], inOrder);
    const acked = new Set(tags.slice(inOrder).filter((tag) => this.#open.has(tag)));
    let last = tags[inOrder - 1];
    let run = inOrder;
    for (const tag of this.#open.keys()) {
      if (!acked.delete(tag)) break;
      this.#open.delete(tag);
      last = tag;
      run += 1;
    }
    const frames = [...this.#run(last, run)];
    for (const tag of acked) {
      this.#open.delete(tag);
      frames.push({ deliveryTag: tag, multiple: false });
    }
    return frames;
  }

  /** Takes tags as long as they are the oldest ones in their order, as those of short tasks are; returns how many. */
  #ackInOrder(tags: readonly number[]): number {
    let count = 0;
    for (const tag of this.#open.keys()) {
      if (tag !== tags[count]) break;
      this.#open.delete(tag);
      count += 1;
    }
    return count;
  }

  #run(last: number | undefined, length: number): readonly AckFrame[] {
    return last === undefined ? [] : [{ deliveryTag: last, multiple: length > 1 }];
  }
}
