import { ConfigError } from "@chicory/core";
import { buriedAt, letterIdOf } from "../messages/dead-letter-codec.js";
import type { StoredMessage } from "../messages/stored-message.js";

/** Characters of an id that tell letters of one page apart. */
const SHORT_ID_LENGTH = 8;

/** Most letters of a page that the cursor names. */
const MAX_NAMED = 100;

/**
 * Where a page of dead letters ended. AMQP has no positions, and letters are removed between two pages, so the cursor
 * names the last letters of the page and says when the first of them was buried: the next page begins behind the named
 * ones; if all of them are gone, at the first letter that is not older than them.
 */
export interface Cursor {
  readonly since: number;
  readonly ids: readonly string[];
}

/** The cursor behind a page that is not empty, as the text that callers pass on. */
export function encodeCursor(page: readonly StoredMessage[]): string {
  const since = Math.floor(Math.min(...page.map(buriedAt)));
  return `${since}:${page
    .slice(-MAX_NAMED)
    .map((message) => shortId(letterIdOf(message)))
    .join("")}`;
}

/** Reads a cursor; throws a {@link ConfigError} for a text that is none. */
export function decodeCursor(text: string): Cursor {
  const match = /^(\d+):((?:[0-9a-f]{8})+)$/.exec(text);
  const [, since, ids] = match ?? [];
  if (since === undefined || ids === undefined) {
    throw new ConfigError("The option after must be the `next` of a page of the same queue's dead letters");
  }
  return { since: Number(since), ids: ids.match(/.{8}/g) ?? [] };
}

/**
 * Most letters that are looked through for one that the cursor names, behind the first that is not older. Clocks of
 * workers differ, so letters lie only nearly in the order of their times.
 */
const MAX_LOOKAHEAD = 200;

/** Gathers the page behind a cursor, looking at the letters from the oldest on. */
export class PageCollector {
  readonly #cursor: Cursor | undefined;
  readonly #ids: ReadonlySet<string>;
  readonly #limit: number;
  #letters: StoredMessage[] = [];
  #within: boolean;
  #looked = 0;
  #more = false;

  constructor(cursor: Cursor | undefined, limit: number) {
    this.#cursor = cursor;
    this.#ids = new Set(cursor?.ids);
    this.#limit = limit;
    this.#within = cursor === undefined;
  }

  /** The letters of the page so far. */
  get letters(): readonly StoredMessage[] {
    return this.#letters;
  }

  /** Whether letters follow that are not on this page. */
  get more(): boolean {
    return this.#more;
  }

  /** Looks at a letter; returns whether it wants to see the next one. */
  add(message: StoredMessage): boolean {
    if (this.#ids.has(shortId(letterIdOf(message)))) {
      // What lay before it belongs to earlier pages.
      this.#within = true;
      this.#letters = [];
      this.#more = false;
      return true;
    }
    if (!this.#within && buriedAt(message) < (this.#cursor?.since ?? 0)) return true;
    if (this.#letters.length < this.#limit) this.#letters.push(message);
    else this.#more = true;
    this.#looked += 1;
    return this.#within ? !this.#more : this.#looked <= this.#limit + MAX_LOOKAHEAD;
  }
}

function shortId(id: string): string {
  return id
    .replace(/[^0-9a-f]/g, "")
    .slice(0, SHORT_ID_LENGTH)
    .padEnd(SHORT_ID_LENGTH, "0");
}
