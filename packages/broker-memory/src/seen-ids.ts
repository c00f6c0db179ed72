import { Heap } from "./heap.js";

interface Seen {
  readonly id: string;
  readonly untilMs: number;
}

/** Ids that are not stored again for a while. What has expired is forgotten as new ones come. */
export class SeenIds {
  readonly #untilMs = new Map<string, number>();
  readonly #byExpiry = new Heap<Seen>((a, b) => a.untilMs - b.untilMs);

  /** How many are remembered. */
  get size(): number {
    return this.#untilMs.size;
  }

  has(id: string, now: number): boolean {
    return (this.#untilMs.get(id) ?? 0) > now;
  }

  /** Remembers an id that is not known, or no more. */
  add(id: string, untilMs: number, now: number): void {
    this.#forget(now);
    this.#untilMs.set(id, untilMs);
    this.#byExpiry.push({ id, untilMs });
  }

  #forget(now: number): void {
    for (let first = this.#byExpiry.peek(); first !== undefined && first.untilMs <= now; ) {
      this.#byExpiry.pop();
      this.#untilMs.delete(first.id);
      first = this.#byExpiry.peek();
    }
  }
}
