import type { BrowseOptions, DeadLetter, DeadLetterPage, DeadLetterRecord, StoredDeadLetter } from "@chicory/core";

/** Letters in a page for which no limit is given. */
const DEFAULT_PAGE = 100;

interface Entry {
  /** As text, so that nobody else holds a part of it, and a field without a value is absent when it is read. */
  readonly record: string;
  readonly body: Uint8Array;
}

/** The dead letters of one queue, oldest first. Ids count up, so that a page can begin after any of them. */
export class DeadLetterBox {
  readonly #letters = new Map<number, Entry>();
  #lastId = 0;

  get size(): number {
    return this.#letters.size;
  }

  add({ record, body }: DeadLetter): void {
    this.#lastId += 1;
    this.#letters.set(this.#lastId, { record: JSON.stringify(record), body: Uint8Array.from(body) });
  }

  find(id: string): StoredDeadLetter | undefined {
    const entry = this.#letters.get(Number(id));
    return entry === undefined ? undefined : letterOf(Number(id), entry);
  }

  page({ limit = DEFAULT_PAGE, after = "0" }: BrowseOptions): DeadLetterPage {
    const letters: StoredDeadLetter[] = [];
    for (const [id, entry] of this.#letters) {
      if (id <= Number(after)) continue;
      const last = letters.at(-1);
      if (last !== undefined && letters.length === limit) return { letters, next: last.id };
      letters.push(letterOf(id, entry));
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

function letterOf(id: number, { record, body }: Entry): StoredDeadLetter {
  // Only `add` above writes these texts.
  return { id: String(id), record: JSON.parse(record) as DeadLetterRecord, body: Uint8Array.from(body) };
}
