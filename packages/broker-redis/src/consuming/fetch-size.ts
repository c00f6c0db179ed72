/** Most entries of one step. */
const MAX_ENTRIES = 256;

/** About how many bytes of bodies one step should bring, so that large messages do not fill the server's memory. */
const MAX_BYTES = 8_388_608;

/** How much the newest step counts in the average. */
const WEIGHT = 0.5;

/** Decides how many entries a step may ask for, from how large they were before. */
export class FetchSize {
  #averageBytes = 0;

  /** The most that should be asked for. */
  get limit(): number {
    if (this.#averageBytes <= MAX_BYTES / MAX_ENTRIES) return MAX_ENTRIES;
    return Math.max(1, Math.floor(MAX_BYTES / this.#averageBytes));
  }

  /** Takes in how large the entries of a step were. */
  observe(entries: readonly { readonly content: { readonly length: number } }[]): void {
    if (entries.length === 0) return;
    let bytes = 0;
    for (const { content } of entries) bytes += content.length;
    this.#averageBytes += WEIGHT * (bytes / entries.length - this.#averageBytes);
  }
}
