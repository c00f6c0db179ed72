import type { BrowseOptions, DeadLetter, DeadLetterPage, StoredDeadLetter } from "@chicory/core";

/** Letters in a page for which no limit is given. */
const DEFAULT_PAGE = 100;

/** The dead letters of one queue, oldest first. Ids count up, so that a page can begin after any of them. */
export class DeadLetterBox {
  readonly #letters = new Map<number, StoredDeadLetter>();
  #lastId = 0;

  get size(): number {
    return this.#letters.size;
  }

  add({ record, body }: DeadLetter): void {
    this.#lastId += 1;
    this.#letters.set(this.#lastId, {
      id: String(this.#lastId),
      record: structuredClone(record),
      body: Uint8Array.from(body),
    });
  }

  find(id: string): StoredDeadLetter | undefined {
    const letter = this.#letters.get(Number(id));
    return letter === undefined ? undefined : copyOf(letter);
  }

  page({ limit = DEFAULT_PAGE, after = "0" }: BrowseOptions): DeadLetterPage {
    const letters: StoredDeadLetter[] = [];
    for (const [id, letter] of this.#letters) {
      if (id <= Number(after)) continue;
      const last = letters.at(-1);
      if (last !== undefined && letters.length === limit) return { letters, next: last.id };
      letters.push(copyOf(letter));
    }
    return { letters };
  }

  /** Whether there was one of this id. */
  remove(id: string): boolean {
    return this.#letters.delete(Number(id));
  }

  /** Removes all, and returns how many. */
  clear(): number {
    const { size } = this.#letters;
    this.#letters.clear();
    return size;
  }
}

function copyOf(letter: StoredDeadLetter): StoredDeadLetter {
  return { ...letter, record: structuredClone(letter.record), body: Uint8Array.from(letter.body) };
}
